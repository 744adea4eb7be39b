using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>A client that pushes until the registry is gone, and remembers what was answered as done.</summary>
/// <param name="http">Sends the requests.</param>
/// <param name="name">Begins the names of its tags and all its content.</param>
internal sealed class RegistryWriter(HttpClient http, string name)
{
    private const int ChunkSize = 20_000;

    // Relative to the repository, with the digest of what must be there.
    private readonly ConcurrentDictionary<string, string> _kept = new();
    private readonly List<string> _moves = [];
    private string? _session;
    private long _sent;
    private int _answered;

    /// <summary>How many requests were answered as done.</summary>
    public int Answered => Volatile.Read(ref _answered);

    public static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Starts to push blobs with a tag each, a blob in many chunks, and to move one tag; each ends with the registry.</summary>
    public IReadOnlyList<Task> Start(Uri registry) => [UntilGoneAsync(() => TagAsync(registry)), UntilGoneAsync(() => AppendAsync(registry)), UntilGoneAsync(() => MoveAsync(registry))];

    /// <summary>Looks for all that was answered as done.</summary>
    public async Task RequireKeptAsync(Uri registry)
    {
        foreach (var (path, hex) in _kept)
            Assert.Equal((path, hex), (path, Hex(await http.GetByteArrayAsync(new Uri(registry, path)))));
        if (_moves.Count > 0)
        {
            // The last answered one, or the one that was not answered any more.
            var held = Hex(await http.GetByteArrayAsync(new Uri(registry, $"manifests/{name}-moving")));
            Assert.True(held == Hex(Manifest(_moves[^1])) || held == Hex(Manifest(Moving(_moves.Count))), $"{name}-moving is not what it was moved to last");
        }
        if (_session is not null)
        {
            using var status = await http.GetAsync(new Uri(registry, _session));
            Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
            var stored = long.Parse(status.Headers.GetValues("Range").Single().Split('-')[1], CultureInfo.InvariantCulture) + 1;
            Assert.True(stored >= _sent, $"{_sent} bytes were answered, {stored} are there");
        }
    }

    private static byte[] Manifest(string content) =>
        Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[],"annotations":{"content":"{{content}}"} }""");

    private static async Task UntilGoneAsync(Func<Task> push)
    {
        try
        {
            while (true)
                await push();
        }
        catch (HttpRequestException)
        {
            // The registry was killed.
        }
    }

    private async Task TagAsync(Uri registry)
    {
        var content = $"{name}-{_kept.Count}-{new string('x', ChunkSize)}";
        var digest = $"sha256:{Hex(Encoding.UTF8.GetBytes(content))}";
        Done(await http.PostAsync(new Uri(registry, $"blobs/uploads/?digest={digest}"), new StringContent(content)));
        _kept[$"blobs/{digest}"] = digest["sha256:".Length..];
        await PutAsync(registry, $"{name}-{_kept.Count}", content[..20]);
    }

    private async Task MoveAsync(Uri registry)
    {
        var content = Moving(_moves.Count);
        await PutAsync(registry, $"{name}-moving", content, isKept: false);
        _moves.Add(content);
    }

    private async Task AppendAsync(Uri registry)
    {
        if (_session is null)
        {
            using var begun = Done(await http.PostAsync(new Uri(registry, "blobs/uploads/"), new ByteArrayContent([])));
            _session = begun.Headers.Location!.OriginalString;
        }
        var chunk = new ByteArrayContent(new byte[ChunkSize]);
        chunk.Headers.TryAddWithoutValidation("Content-Range", $"{_sent}-{_sent + ChunkSize - 1}");
        Done(await http.PatchAsync(new Uri(registry, _session), chunk)).Dispose();
        _sent += ChunkSize;
    }

    private async Task PutAsync(Uri registry, string tag, string content, bool isKept = true)
    {
        var manifest = Manifest(content);
        var body = new ByteArrayContent(manifest) { Headers = { ContentType = new MediaTypeHeaderValue("application/vnd.oci.image.manifest.v1+json") } };
        Done(await http.PutAsync(new Uri(registry, $"manifests/{tag}"), body)).Dispose();
        if (isKept)
            _kept[$"manifests/{tag}"] = Hex(manifest);
    }

    private HttpResponseMessage Done(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {response.RequestMessage!.RequestUri}");
        Interlocked.Increment(ref _answered);
        return response;
    }

    private string Moving(int number) => $"{name}-moved-{number}";
}
