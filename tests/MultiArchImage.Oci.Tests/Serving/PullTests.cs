using System.Net;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;
using static MultiArchImage.Oci.Tests.Serving.ServedRegistry;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>distribution-spec: Determining Support, Pulling manifests, Pulling blobs. The workflow "pull" of its conformance suite.</summary>
[Needs(Part.HttpListener)]
public sealed class PullTests : IAsyncDisposable
{
    private const string Blob = "0123456789";

    private readonly ServedRegistry _registry = new();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("/v2")]
    public async Task The_root_of_the_api_tells_that_it_is_there(string path)
    {
        using var response = await _registry.SendAsync(HttpStatusCode.OK, "GET", path);
        Assert.Equal("registry/2.0", Header(response, "Docker-Distribution-Api-Version"));
    }

    [Fact]
    public async Task A_manifest_is_pulled_by_tag_and_by_digest_byte_for_byte()
    {
        var digest = await _registry.PutManifestAsync("1.0");
        foreach (var name in new[] { "1.0", digest.ToString() })
        {
            using var response = await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/manifests/{name}");
            Assert.Equal(digest, Digest.Of(await response.Content.ReadAsByteArrayAsync()));
            Assert.Equal((MediaTypes.OciManifest, $"{digest}"), (Header(response, "Content-Type"), Header(response, "Docker-Content-Digest")));
        }
    }

    [Fact]
    public async Task A_HEAD_says_what_a_GET_would_without_the_body()
    {
        var digest = await _registry.PutManifestAsync("1.0");
        await _registry.PutBlobAsync(Blob);
        foreach (var path in new[] { $"{Repository}/manifests/{digest}", $"{Repository}/blobs/{Digest.Of(Encoding.UTF8.GetBytes(Blob))}" })
        {
            using var get = await _registry.SendAsync(HttpStatusCode.OK, "GET", path);
            using var head = await _registry.SendAsync(HttpStatusCode.OK, "HEAD", path);
            Assert.Equal((await get.Content.ReadAsByteArrayAsync()).Length, head.Content.Headers.ContentLength);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
            Assert.Equal(Header(get, "Content-Type"), Header(head, "Content-Type"));
            Assert.Equal(Header(get, "Docker-Content-Digest"), Header(head, "Docker-Content-Digest"));
        }
    }

    [Theory]
    [InlineData("GET", "manifests/none", "MANIFEST_UNKNOWN")]
    [InlineData("HEAD", "manifests/none", "")]
    [InlineData("GET", "manifests/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "MANIFEST_UNKNOWN")]
    [InlineData("GET", "manifests/.INVALID", "MANIFEST_UNKNOWN")]
    [InlineData("GET", "blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "BLOB_UNKNOWN")]
    [InlineData("HEAD", "blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "")]
    public async Task What_is_not_there_is_404(string method, string path, string code)
    {
        await _registry.PutManifestAsync("1.0");
        await _registry.RefusedAsync(HttpStatusCode.NotFound, code, method, $"{Repository}/{path}");
    }

    [Fact]
    public async Task The_only_manifest_does_not_stand_in_for_latest()
    {
        await _registry.PutManifestAsync("1.0");
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", "GET", $"{Repository}/manifests/latest");
    }

    [Fact]
    public async Task A_repository_that_was_never_pushed_to_is_unknown() =>
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN", "GET", "never/pushed/manifests/1.0");

    [Fact]
    public async Task A_blob_is_no_manifest()
    {
        var config = await _registry.PutBlobAsync("""{"architecture":"amd64","os":"linux"}""");
        await _registry.PutManifestAsync("1.0");
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", "GET", $"{Repository}/manifests/{config}");
    }

    // RFC 9110, 14: Range.
    [Theory]
    [InlineData("bytes=0-3", "0123", "bytes 0-3/10")]
    [InlineData("bytes=4-", "456789", "bytes 4-9/10")]
    [InlineData("bytes=4-400", "456789", "bytes 4-9/10")]
    [InlineData("bytes=-3", "789", "bytes 7-9/10")]
    [InlineData("bytes=-300", "0123456789", "bytes 0-9/10")]
    public async Task A_part_of_a_blob_is_206(string range, string expected, string contentRange)
    {
        var digest = await _registry.PutBlobAsync(Blob);
        using var response = await _registry.SendAsync(HttpStatusCode.PartialContent, "GET", $"{Repository}/blobs/{digest}", null, ("Range", range));
        Assert.Equal((expected, contentRange), (await response.Content.ReadAsStringAsync(), Header(response, "Content-Range")));
    }

    [Theory]
    [InlineData("bytes=0-1,4-5")]
    [InlineData("lines=0-1")]
    [InlineData("rubbish")]
    public async Task A_range_that_is_not_one_of_bytes_gives_the_whole(string range)
    {
        var digest = await _registry.PutBlobAsync(Blob);
        using var response = await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/blobs/{digest}", null, ("Range", range));
        Assert.Equal(Blob, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=5-0")]
    [InlineData("bytes=99999999999999999999-")]
    public async Task A_range_behind_the_end_is_416(string range)
    {
        var digest = await _registry.PutBlobAsync(Blob);
        using var response = await _registry.SendAsync(HttpStatusCode.RequestedRangeNotSatisfiable, "GET", $"{Repository}/blobs/{digest}", null, ("Range", range));
        Assert.Equal("bytes */10", Header(response, "Content-Range"));
    }

    // RFC 9110, 13.1.2.
    [Fact]
    public async Task A_manifest_that_the_client_has_is_304()
    {
        var digest = await _registry.PutManifestAsync("1.0");
        using var same = await _registry.SendAsync(HttpStatusCode.NotModified, "GET", $"{Repository}/manifests/1.0", null, ("If-None-Match", $"\"{digest}\""));
        Assert.Equal($"\"{digest}\"", Header(same, "ETag"));
        await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/manifests/1.0", null, ("If-None-Match", "\"sha256:other\""));
        await _registry.SendAsync(HttpStatusCode.PreconditionFailed, "GET", $"{Repository}/manifests/1.0", null, ("If-Match", "\"sha256:other\""));
    }
}
