using System.Net;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;
using static MultiArchImage.Oci.Tests.Serving.ServedRegistry;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>distribution-spec: Pushing Blobs, Pushing Manifests. The workflow "push" of its conformance suite.</summary>
[Needs(Part.HttpListener)]
public sealed class PushTests : IAsyncDisposable
{
    private const string Blob = "0123456789";
    private const string Absent = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly Digest BlobDigest = Digest.Of(Encoding.UTF8.GetBytes(Blob));

    private readonly ServedRegistry _registry = new();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task A_blob_is_pushed_with_a_POST()
    {
        using var response = await _registry.SendAsync(HttpStatusCode.Created, "POST", $"{Repository}/blobs/uploads/?digest={BlobDigest}", Text(Blob));
        Assert.Equal(Blob, await ReadAsync(Header(response, "Location")));
    }

    [Fact]
    public async Task A_blob_is_pushed_with_a_POST_and_a_PUT()
    {
        var session = await BeginAsync();
        using var response = await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{session}?digest={BlobDigest}", Text(Blob));
        Assert.Equal(Blob, await ReadAsync(Header(response, "Location")));
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN", "GET", session);
    }

    [Theory]
    [InlineData("sha512:")]
    [InlineData("sha256%3A")]
    public async Task Other_spellings_of_digests_do(string prefix)
    {
        var content = Encoding.UTF8.GetBytes(Blob);
        var hash = prefix == "sha512:" ? System.Security.Cryptography.SHA512.HashData(content) : System.Security.Cryptography.SHA256.HashData(content);
        var path = $"{Repository}/blobs/";
        await _registry.SendAsync(HttpStatusCode.Created, "POST", $"{path}uploads/?digest={prefix}{Convert.ToHexStringLower(hash)}", Text(Blob));
        Assert.Equal(Blob, await ReadAsync($"{path}{prefix}{Convert.ToHexStringLower(hash)}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blob_is_pushed_in_chunks(bool lastWithThePut)
    {
        var session = await BeginAsync();
        session = await ChunkAsync(session, "0123", "0-3");
        await StandsAtAsync(session, "0-3");
        session = await ChunkAsync(session, "456", "4-6");
        if (!lastWithThePut)
            session = await ChunkAsync(session, "789", "7-9");
        using var response = lastWithThePut
            ? await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{session}?digest={BlobDigest}", Text("789"), ("Content-Range", "7-9"))
            : await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{session}?digest={BlobDigest}");
        Assert.Equal(Blob, await ReadAsync(Header(response, "Location")));
    }

    [Fact]
    public async Task A_blob_is_pushed_as_a_stream_of_unknown_length()
    {
        var session = await BeginAsync();
        using var response = await _registry.SendAsync("PATCH", session, new UnknownLength(Blob));
        Assert.Equal((HttpStatusCode.Accepted, "0-9"), (response.StatusCode, Header(response, "Range")));
        await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{session}?digest={BlobDigest}");
    }

    [Fact]
    public async Task The_answer_to_a_begun_upload_says_how_long_chunks_should_be()
    {
        using var response = await _registry.SendAsync(HttpStatusCode.Accepted, "POST", $"{Repository}/blobs/uploads/");
        Assert.True(int.Parse(Header(response, "OCI-Chunk-Min-Length")) > 0);
    }

    [Theory]
    [InlineData("5-6")]
    [InlineData("0-1")]
    public async Task A_chunk_out_of_order_is_416_and_changes_nothing(string range)
    {
        var session = await ChunkAsync(await BeginAsync(), "0123", "0-3");
        using var refused = await _registry.SendAsync(HttpStatusCode.RequestedRangeNotSatisfiable, "PATCH", session, Text("xx"), ("Content-Range", range));
        Assert.Equal("0-3", Header(refused, "Range"));
        await StandsAtAsync(session, "0-3");
        await ChunkAsync(session, "456789", "4-9");
        await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{session}?digest={BlobDigest}");
    }

    [Theory]
    [InlineData("4")]
    [InlineData("4-9")]
    [InlineData("rubbish")]
    public async Task A_chunk_that_is_not_as_long_as_it_says_is_400(string range)
    {
        var session = await ChunkAsync(await BeginAsync(), "0123", "0-3");
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, "BLOB_UPLOAD_INVALID", "PATCH", session, Text("45"), ("Content-Range", range));
        await StandsAtAsync(session, "0-3");
    }

    [Fact]
    public async Task A_blob_that_is_not_what_its_digest_names_is_refused_and_not_kept()
    {
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID", "POST", $"{Repository}/blobs/uploads/?digest={Absent}", Text(Blob));
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID", "PUT", $"{await BeginAsync()}?digest={Absent}", Text(Blob));
        await _registry.SendAsync(HttpStatusCode.NotFound, "HEAD", $"{Repository}/blobs/{Absent}");
        Assert.Empty(Directory.GetFiles(_registry.Folder["served", ".uploads"]));
    }

    [Fact]
    public async Task An_upload_that_is_given_up_is_gone()
    {
        var session = await BeginAsync();
        await _registry.SendAsync(HttpStatusCode.NoContent, "DELETE", session);
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN", "PATCH", session, Text("x"));
    }

    [Fact]
    public async Task An_upload_belongs_to_its_repository()
    {
        var session = await BeginAsync();
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN", "GET", session.Replace(Repository, "other", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("&from=team/app")]
    [InlineData("")]
    public async Task A_blob_of_the_registry_is_mounted(string from)
    {
        await _registry.PutManifestAsync("1.0");
        await _registry.PutBlobAsync(Blob);
        using var response = await _registry.SendAsync(HttpStatusCode.Created, "POST", $"other/blobs/uploads/?mount={BlobDigest}{from}");
        Assert.Equal($"/v2/other/blobs/{BlobDigest}", Header(response, "Location"));
        Assert.Equal(Blob, await ReadAsync($"other/blobs/{BlobDigest}"));
    }

    [Fact]
    public async Task A_mounted_blob_is_not_copied()
    {
        await _registry.PutBlobAsync(Blob);
        await _registry.SendAsync(HttpStatusCode.Created, "POST", $"other/blobs/uploads/?mount={BlobDigest}&from={Repository}");
        Assert.Equal("2", (await Tool.RunAsync("stat", "--format=%h", _registry.Folder["served", "other", "blobs", "sha256", BlobDigest.Hex])).Trim());
    }

    [Theory]
    [InlineData(Absent, "team/app")]
    [InlineData("sha256:84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882", "no/such")]
    [InlineData("sha256:84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882", "../../etc")]
    public async Task A_blob_that_cannot_be_mounted_is_pushed_into_the_session(string digest, string from)
    {
        await _registry.PutBlobAsync(Blob);
        using var response = await _registry.SendAsync(HttpStatusCode.Accepted, "POST", $"other/blobs/uploads/?mount={digest}&from={from}");
        await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{Header(response, "Location")}?digest={BlobDigest}", Text(Blob));
    }

    [Fact]
    public async Task A_manifest_gets_a_location_that_it_is_pulled_from()
    {
        var document = Document(await _registry.PutBlobAsync(Blob), Blob);
        using var response = await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{Repository}/manifests/1.0", Manifest(document));
        Assert.Equal($"{Digest.Of(Encoding.UTF8.GetBytes(document))}", Header(response, "Docker-Content-Digest"));
        Assert.Equal(document, await ReadAsync(Header(response, "Location")));
    }

    [Fact]
    public async Task A_manifest_whose_type_only_the_header_says_keeps_it()
    {
        var document = """{"schemaVersion":2,"anything":[]}""";
        await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{Repository}/manifests/1.0", Manifest(document, "application/vnd.example+json"));
        using var response = await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/manifests/1.0");
        Assert.Equal("application/vnd.example+json", Header(response, "Content-Type"));
    }

    [Fact]
    public async Task What_a_tag_held_before_can_still_be_pulled_by_digest()
    {
        var first = await _registry.PutManifestAsync("1.0", "one");
        var second = await _registry.PutManifestAsync("1.0", "two");
        using var moved = await _registry.SendAsync(HttpStatusCode.OK, "HEAD", $"{Repository}/manifests/1.0");
        Assert.Equal($"{second}", Header(moved, "Docker-Content-Digest"));
        await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/manifests/{first}");
    }

    // distribution-spec: Pushing Manifests: tags in the query of a push by digest, each answered with a header OCI-Tag.
    [Fact]
    public async Task One_push_moves_several_tags()
    {
        var document = Document(await _registry.PutBlobAsync(Blob), Blob);
        var digest = Digest.Of(Encoding.UTF8.GetBytes(document));
        using var response = await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{Repository}/manifests/{digest}?tag=1.0&tag=1&tag=latest", Manifest(document));
        Assert.Equal(["1.0", "1", "latest"], response.Headers.GetValues("OCI-Tag").SelectMany(value => value.Split(", ")));
        Assert.Equal(["1", "1.0", "latest"], (await _registry.GetJsonAsync($"{Repository}/tags/list"))["tags"]!.Select(tag => $"{tag}"));
    }

    [Theory]
    [InlineData("MANIFEST_INVALID", "no JSON", null)]
    [InlineData("MANIFEST_INVALID", """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""", null)]
    [InlineData("MANIFEST_BLOB_UNKNOWN", """{"layers":[],"config":{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"} }""", null)]
    [InlineData("MANIFEST_BLOB_UNKNOWN", """{"layers":[{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}""", null)]
    [InlineData("DIGEST_INVALID", """{"layers":[]}""", Absent)]
    public async Task A_manifest_that_nobody_could_use_is_refused(string code, string document, string? reference)
    {
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, code, "PUT", $"{Repository}/manifests/{reference ?? "1.0"}", Manifest(document));
        await _registry.SendAsync(HttpStatusCode.NotFound, "HEAD", $"{Repository}/manifests/1.0");
    }

    [Fact]
    public async Task A_layer_that_lies_elsewhere_need_not_be_there()
    {
        var config = await _registry.PutBlobAsync(Blob);
        var foreign = new JObject { ["layers"] = new JArray(new JObject { ["digest"] = Absent, ["urls"] = new JArray("https://example.com/layer") }) };
        await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{Repository}/manifests/1.0", Manifest(Document(config, Blob, foreign)));
    }

    // distribution-spec: Pushing Manifests with Subject: the subject need not be there.
    [Fact]
    public async Task A_manifest_with_a_subject_is_acknowledged()
    {
        var document = Document(await _registry.PutBlobAsync(Blob), Blob, new JObject { ["subject"] = new JObject { ["digest"] = Absent } });
        using var response = await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{Repository}/manifests/1.0", Manifest(document));
        Assert.Equal(Absent, Header(response, "OCI-Subject"));
    }

    private async Task<string> ReadAsync(string path) =>
        await (await _registry.SendAsync(HttpStatusCode.OK, "GET", path)).Content.ReadAsStringAsync();

    private async Task<string> BeginAsync()
    {
        using var response = await _registry.SendAsync(HttpStatusCode.Accepted, "POST", $"{Repository}/blobs/uploads/");
        return Header(response, "Location");
    }

    private async Task<string> ChunkAsync(string session, string content, string range)
    {
        using var response = await _registry.SendAsync(HttpStatusCode.Accepted, "PATCH", session, Text(content), ("Content-Range", range));
        Assert.Equal($"0-{range.Split('-')[1]}", Header(response, "Range"));
        return Header(response, "Location");
    }

    private async Task StandsAtAsync(string session, string range)
    {
        using var response = await _registry.SendAsync(HttpStatusCode.NoContent, "GET", session);
        Assert.Equal(range, Header(response, "Range"));
    }

    /// <summary>A body that is sent in HTTP's own chunks, as Docker does.</summary>
    private sealed class UnknownLength(string text) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
