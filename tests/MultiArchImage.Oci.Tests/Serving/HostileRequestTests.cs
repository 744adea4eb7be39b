using System.Net;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Testbed;
using static MultiArchImage.Oci.Tests.Serving.ServedRegistry;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>Requests of those who mean harm, or are broken.</summary>
[Needs(Part.HttpListener)]
public sealed class HostileRequestTests : IAsyncDisposable
{
    private readonly ServedRegistry _registry = new(idleLimit: TimeSpan.FromMilliseconds(500));

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Theory]
    [InlineData("../../etc/manifests/passwd")]
    [InlineData("..%2f..%2fetc/manifests/passwd")]
    [InlineData("%2e%2e/etc/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("team//app/tags/list")]
    [InlineData("/tags/list")]
    [InlineData("Team/tags/list")]
    [InlineData(".uploads/tags/list")]
    [InlineData("a%5cb/tags/list")]
    [InlineData("a%00b/tags/list")]
    public async Task A_name_that_is_none_is_refused(string path)
    {
        var answer = await _registry.SendRawAsync($"GET /v2/{path} HTTP/1.1\nHost: HOST\nConnection: close\n\n");
        Assert.StartsWith("HTTP/1.1 400 ", answer);
        Assert.Contains("NAME_INVALID", answer);
    }

    [Theory]
    [InlineData("team/blobs")]
    [InlineData("team/index.json")]
    [InlineData("oci-layout/x")]
    [InlineData("team/index.json.lock")]
    public async Task A_name_that_would_be_a_file_of_a_layout_is_refused(string name) =>
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, "NAME_INVALID", "POST", $"{name}/blobs/uploads/");

    [Fact]
    public async Task A_name_of_more_than_255_characters_is_refused() =>
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, "NAME_INVALID", "GET", $"{new string('a', 256)}/tags/list");

    [Theory]
    [InlineData("sha256:..%2f..%2f..%2fsecret")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha256:")]
    public async Task A_digest_that_is_none_is_refused(string digest)
    {
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID", "GET", $"{Repository}/blobs/{digest}");
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID", "POST", $"{Repository}/blobs/uploads/?digest={digest}", Text(""));
    }

    [Theory]
    [InlineData("..%2f..%2foci-layout")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("{00000000-0000-0000-0000-000000000000}")]
    public async Task An_upload_that_is_none_is_404(string session) =>
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN", "PATCH", $"{Repository}/blobs/uploads/{session}", Text("x"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_manifest_over_the_limit_is_413(bool statesLength)
    {
        var content = new StreamContent(new MemoryStream(new byte[OciLimits.ManifestSize + 1]));
        content.Headers.ContentLength = statesLength ? OciLimits.ManifestSize + 1 : null;
        await _registry.RefusedAsync(
            HttpStatusCode.RequestEntityTooLarge, "SIZE_INVALID", "PUT", $"{Repository}/manifests/1.0", content, statesLength ? [] : [("Transfer-Encoding", "chunked")]);
    }

    [Fact]
    public async Task A_deep_document_is_refused() => await _registry.RefusedAsync(
        HttpStatusCode.BadRequest, "MANIFEST_INVALID", "PUT", $"{Repository}/manifests/1.0",
        Manifest($"{string.Concat(Enumerable.Repeat("{\"a\":", 10_000))}1{new string('}', 10_000)}"));

    [Fact]
    public async Task A_body_that_stalls_is_cut_off_and_what_came_stays()
    {
        using var begun = await _registry.SendAsync(HttpStatusCode.Accepted, "POST", $"{Repository}/blobs/uploads/");
        var session = Header(begun, "Location");
        var answer = await _registry.SendRawAsync($"PATCH {session} HTTP/1.1\nHost: HOST\nContent-Length: 100\n\n0123");
        Assert.StartsWith("HTTP/1.1 408 ", answer);
        using var status = await _registry.SendAsync(HttpStatusCode.NoContent, "GET", session);
        Assert.Equal("0-3", Header(status, "Range"));
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_no_blob()
    {
        var digest = Digest.Of("0123"u8);
        await _registry.SendRawAsync($"POST /v2/{Repository}/blobs/uploads/?digest={digest} HTTP/1.1\nHost: HOST\nContent-Length: 100\n\n0123", close: true);
        await _registry.SendAsync(HttpStatusCode.NotFound, "HEAD", $"{Repository}/blobs/{digest}");
    }

    [Fact]
    public async Task What_comes_behind_a_body_is_not_part_of_it()
    {
        var digest = Digest.Of("0123"u8);
        var answer = await _registry.SendRawAsync($"POST /v2/{Repository}/blobs/uploads/?digest={digest} HTTP/1.1\nHost: HOST\nContent-Length: 4\n\n0123456789");
        Assert.StartsWith("HTTP/1.1 201 ", answer);
        await _registry.SendAsync(HttpStatusCode.OK, "HEAD", $"{Repository}/blobs/{digest}");
    }

    // A page of a browser that rebinds its host name to 127.0.0.1 is not let in.
    [Fact]
    public async Task Another_host_name_is_not_served() =>
        Assert.StartsWith("HTTP/1.1 404 ", await _registry.SendRawAsync("GET /v2/ HTTP/1.1\nHost: rebound.example\n\n"));

    [Fact]
    public async Task Rubbish_does_not_stop_the_registry()
    {
        foreach (var rubbish in new[] { "rubbish\n\n", "GET / HTTP/9.9\n\n", $"GET /{new string('x', 100_000)} HTTP/1.1\n\n", "\0\0\0\0\n\n" })
            await _registry.SendRawAsync(rubbish, close: true);
        await _registry.SendAsync(HttpStatusCode.OK, "GET", "");
    }

    [Fact]
    public async Task A_hundred_clients_that_send_nothing_hinder_nobody()
    {
        var stalled = Enumerable.Range(0, 100).Select(_ => _registry.SendRawAsync($"PUT /v2/{Repository}/manifests/1.0 HTTP/1.1\nHost: HOST\nContent-Length: 100\n\n{{")).ToList();
        await _registry.PutManifestAsync("1.0");
        await Task.WhenAll(stalled);
    }

    [Fact]
    public async Task A_damaged_layout_is_said_to_be_one()
    {
        var digest = await _registry.PutManifestAsync("1.0");
        var folder = Path.Combine(_registry.Folder["served"], "team", "app");
        await File.WriteAllTextAsync(Path.Combine(folder, "blobs", "sha256", digest.Hex), "damaged");
        await _registry.RefusedAsync(HttpStatusCode.InternalServerError, "UNKNOWN", "GET", $"{Repository}/manifests/1.0");
        await File.WriteAllTextAsync(Path.Combine(folder, "index.json"), "damaged");
        await _registry.RefusedAsync(HttpStatusCode.InternalServerError, "UNKNOWN", "GET", $"{Repository}/tags/list");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic ")]
    [InlineData("Bearer abc")]
    [InlineData("Basic dXNlcjp3cm9uZw==")]
    public async Task Without_the_password_nothing_is_answered(string? authorization)
    {
        await using var guarded = new ServedRegistry(new RegistryCredential("user", "päss:word"));
        foreach (var path in new[] { "", "_catalog", "..%2f/tags/list", $"{Repository}/manifests/1.0" })
        {
            using var response = await guarded.SendAsync(HttpStatusCode.Unauthorized, "GET", path, null, authorization is null ? [] : [("Authorization", authorization)]);
            Assert.StartsWith("Basic realm=", Header(response, "WWW-Authenticate"));
        }
        await guarded.SendAsync(HttpStatusCode.OK, "GET", "", null, ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("user:päss:word"))}"));
    }
}
