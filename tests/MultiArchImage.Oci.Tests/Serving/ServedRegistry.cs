using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Serving;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>A registry over a folder of its own, and requests to it by hand.</summary>
internal sealed class ServedRegistry : IAsyncDisposable
{
    public const string Repository = "team/app";

    private readonly HttpClient _http;

    public ServedRegistry(RegistryCredential? credential = null, TimeSpan? idleLimit = null)
    {
        Options = new RegistryServerOptions(Folder["served"]) { Credential = credential, IdleLimit = idleLimit ?? TimeSpan.FromSeconds(20) };
        Server = RegistryServer.Start(Options);
        _http = new HttpClient { BaseAddress = new Uri($"http://{Server.Host}/v2/") };
    }

    public TemporaryFolder Folder { get; } = new();

    public RegistryServerOptions Options { get; }

    public RegistryServer Server { get; }

    /// <summary>Sends a request; the path is relative to <c>/v2/</c>, or absolute as a <c>Location</c> is.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = content ?? (method is "GET" or "HEAD" or "DELETE" ? null : new ByteArrayContent([]));
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }
        return await _http.SendAsync(request);
    }

    /// <summary>Sends a request that must be answered with a status.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpStatusCode expected, string method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var response = await SendAsync(method, path, content, headers);
        Assert.True(expected == response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return response;
    }

    /// <summary>Sends a request that must be refused with a status and a code.</summary>
    public async Task RefusedAsync(HttpStatusCode expected, string code, string method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(expected, method, path, content, headers);
        if (method != "HEAD")
            Assert.Equal(code, (string?)JObject.Parse(await response.Content.ReadAsStringAsync())["errors"]![0]!["code"]);
    }

    public async Task<JObject> GetJsonAsync(string path) =>
        JObject.Parse(await (await SendAsync(HttpStatusCode.OK, "GET", path)).Content.ReadAsStringAsync());

    /// <summary>Pushes a blob in one request.</summary>
    public async Task<Digest> PutBlobAsync(string content, string repository = Repository)
    {
        var digest = Digest.Of(Encoding.UTF8.GetBytes(content));
        await SendAsync(HttpStatusCode.Created, "POST", $"{repository}/blobs/uploads/?digest={digest}", Text(content));
        return digest;
    }

    /// <summary>Pushes a manifest with its config under a tag, or its digest.</summary>
    public async Task<Digest> PutManifestAsync(string? tag, string content = "x", string repository = Repository, JObject? more = null)
    {
        var document = Document(await PutBlobAsync(content, repository), content, more);
        var digest = Digest.Of(Encoding.UTF8.GetBytes(document));
        await SendAsync(HttpStatusCode.Created, "PUT", $"{repository}/manifests/{tag ?? digest.ToString()}", Manifest(document));
        return digest;
    }

    /// <summary>A manifest without layers.</summary>
    public static string Document(Digest config, string content, JObject? more = null)
    {
        var json = new JObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = new JObject { ["mediaType"] = MediaTypes.OciConfig, ["digest"] = $"{config}", ["size"] = content.Length },
            ["layers"] = new JArray(),
        };
        json.Merge(more ?? []);
        return json.ToString();
    }

    public static HttpContent Manifest(string document, string mediaType = MediaTypes.OciManifest) =>
        new StringContent(document) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    public static HttpContent Text(string content) => new ByteArrayContent(Encoding.UTF8.GetBytes(content));

    public static string Header(HttpResponseMessage response, string name) =>
        (response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? values : []).SingleOrDefault() ?? "";

    /// <summary>Sends bytes as they are, and returns what came back until the server closed or was silent.</summary>
    public async Task<string> SendRawAsync(string request, bool close = false)
    {
        var colon = Server.Host.LastIndexOf(':');
        using var client = new TcpClient(Server.Host[..colon], int.Parse(Server.Host[(colon + 1)..]));
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request.Replace("HOST", Server.Host, StringComparison.Ordinal).ReplaceLineEndings("\r\n")));
        if (close)
            client.Client.Shutdown(SocketShutdown.Send);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        var received = new MemoryStream();
        try
        {
            await stream.CopyToAsync(received, limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Kept open, or reset.
        }
        return Encoding.ASCII.GetString(received.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
        Folder.Dispose();
    }
}
