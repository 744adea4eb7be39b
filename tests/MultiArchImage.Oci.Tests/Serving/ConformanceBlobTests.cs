using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;
using static MultiArchImage.Oci.Tests.Serving.ServedRegistry;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>What the conformance suite of the distribution specification does with single blobs: every way of pushing, with right and wrong digests.</summary>
[Needs(Part.HttpListener)]
public sealed class ConformanceBlobTests : IAsyncDisposable
{
    private const string Other = "conformance/other";

    private readonly ServedRegistry _registry = new();

    // Three chunks of the least length that the registry asks for, the last one shorter.
    private static int LargeSize => (3 * 64 * 1024) - 5;

    /// <summary>The ways of pushing that the specification names, with and without a last chunk in the PUT and a chunk out of order.</summary>
    public static TheoryData<string, string, int> Ways { get; } = [.. from way in (string[])["POST", "POST and PUT", "chunks", "chunks and PUT", "stream", "disorder", "disorder and PUT"]
        from algorithm in (string[])["sha256", "sha512"]
        from size in (int[])[0, 2, LargeSize]
        where size == LargeSize || !way.StartsWith("disorder", StringComparison.Ordinal)
        select (way, algorithm, size)];

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_blob_is_pushed_looked_at_pulled_and_deleted(string way, string algorithm, int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = DigestOf(content, algorithm);
        using var pushed = await PushAsync(way, content, digest);
        Assert.True(pushed.StatusCode == HttpStatusCode.Created, await pushed.Content.ReadAsStringAsync());
        Assert.Equal($"{digest}", Header(pushed, "Docker-Content-Digest"));
        await HoldsAsync(Header(pushed, "Location"), content);
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Repository}/blobs/{digest}");
        await _registry.SendAsync(HttpStatusCode.NotFound, "HEAD", $"{Repository}/blobs/{digest}");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_blob_of_another_digest_is_400_and_not_there(string way, string algorithm, int size)
    {
        var digest = DigestOf([1, 2, 3], algorithm);
        using var refused = await PushAsync(way, RandomNumberGenerator.GetBytes(size), digest);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("DIGEST_INVALID", await refused.Content.ReadAsStringAsync());
        await _registry.SendAsync(HttpStatusCode.NotFound, "GET", $"{Repository}/blobs/{digest}");
    }

    [Theory]
    [InlineData("sha256", $"&from={Other}")]
    [InlineData("sha256", "")]
    [InlineData("sha512", $"&from={Other}")]
    [InlineData("sha512", "")]
    public async Task A_mounted_blob_outlives_the_one_it_was_mounted_from(string algorithm, string from)
    {
        var content = RandomNumberGenerator.GetBytes(512);
        var digest = DigestOf(content, algorithm);
        await _registry.SendAsync(HttpStatusCode.Created, "POST", $"{Other}/blobs/uploads/?digest={digest}", new ByteArrayContent(content));
        using var mounted = await _registry.SendAsync(HttpStatusCode.Created, "POST", $"{Repository}/blobs/uploads/?mount={digest}{from}");
        Assert.Equal($"{digest}", Header(mounted, "Docker-Content-Digest"));
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Other}/blobs/{digest}");
        await HoldsAsync(Header(mounted, "Location"), content);
    }

    [Fact]
    public async Task A_missing_blob_is_not_mounted_but_pushed()
    {
        var content = RandomNumberGenerator.GetBytes(512);
        var digest = DigestOf(content, "sha256");
        using var begun = await _registry.SendAsync(HttpStatusCode.Accepted, "POST", $"{Repository}/blobs/uploads/?mount={digest}&from={Other}");
        await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{Header(begun, "Location")}?digest={digest}", new ByteArrayContent(content));
    }

    [Theory]
    [InlineData("PUT", "sha256:baddigeststring", HttpStatusCode.BadRequest)]
    [InlineData("GET", "sha256:baddigeststring", HttpStatusCode.NotFound)]
    [InlineData("PUT", "sha256:totallywrong", HttpStatusCode.BadRequest)]
    public async Task A_manifest_under_no_digest_is_refused(string method, string reference, HttpStatusCode status)
    {
        await _registry.PutManifestAsync("1.0");
        await _registry.RefusedAsync(status, method == "PUT" ? "MANIFEST_INVALID" : "MANIFEST_UNKNOWN", method, $"{Repository}/manifests/{reference}", method == "PUT" ? Manifest("{}") : null);
    }

    private async Task<HttpResponseMessage> PushAsync(string way, byte[] content, Digest digest)
    {
        if (way == "POST")
            return await _registry.SendAsync("POST", $"{Repository}/blobs/uploads/?digest={digest}", new ByteArrayContent(content));
        using var begun = await _registry.SendAsync(HttpStatusCode.Accepted, "POST", $"{Repository}/blobs/uploads/");
        var session = Header(begun, "Location");
        var sent = way switch
        {
            "POST and PUT" => 0,
            "stream" => await StreamAsync(session, content),
            _ => await ChunksAsync(session, content, isDisordered: way.StartsWith("disorder", StringComparison.Ordinal), lastWithPut: way.EndsWith("PUT", StringComparison.Ordinal)),
        };
        return await _registry.SendAsync("PUT", $"{session}?digest={digest}", Chunk(content, sent, content.Length));
    }

    private async Task<int> StreamAsync(string session, byte[] content)
    {
        using var body = new StreamContent(new MemoryStream(content));
        body.Headers.ContentLength = null;
        await _registry.SendAsync(HttpStatusCode.Accepted, "PATCH", session, body);
        return content.Length;
    }

    private async Task<int> ChunksAsync(string session, byte[] content, bool isDisordered, bool lastWithPut)
    {
        const int length = 64 * 1024;
        var sent = 0;
        for (; sent < content.Length - (lastWithPut ? length : 0); sent = Math.Min(content.Length, sent + length))
        {
            if (isDisordered)
                await RefuseDisorderAsync(session, content, sent, length, lastWithPut);
            await _registry.SendAsync(HttpStatusCode.Accepted, "PATCH", session, Chunk(content, sent, Math.Min(content.Length, sent + length)));
        }
        return sent;
    }

    // One that skips a chunk, or comes again from the beginning; the last one as the PUT. The upload stands where it stood.
    private async Task RefuseDisorderAsync(string session, byte[] content, int sent, int length, bool withPut)
    {
        var start = sent + length < content.Length ? sent + length : 0;
        var end = Math.Min(content.Length, start + length);
        var isPut = withPut && end == content.Length;
        await _registry.SendAsync(
            HttpStatusCode.RequestedRangeNotSatisfiable, isPut ? "PUT" : "PATCH", isPut ? $"{session}?digest={DigestOf(content, "sha256")}" : session, Chunk(content, start, end));
        using var status = await _registry.SendAsync(HttpStatusCode.NoContent, "GET", session);
        Assert.Equal($"0-{Math.Max(0, sent - 1)}", Header(status, "Range"));
    }

    private static ByteArrayContent Chunk(byte[] content, int start, int end)
    {
        var chunk = new ByteArrayContent(content[start..end]) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        if (start < end)
            chunk.Headers.TryAddWithoutValidation("Content-Range", $"{start}-{end - 1}");
        return chunk;
    }

    private async Task HoldsAsync(string path, byte[] content)
    {
        using var head = await _registry.SendAsync(HttpStatusCode.OK, "HEAD", path);
        Assert.Equal(content.Length, head.Content.Headers.ContentLength);
        using var response = await _registry.SendAsync(HttpStatusCode.OK, "GET", path);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
    }

    private static Digest DigestOf(byte[] bytes, string algorithm) => Digest.FromHash(algorithm, algorithm == "sha512" ? SHA512.HashData(bytes) : SHA256.HashData(bytes));
}
