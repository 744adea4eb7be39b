using System.Net;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;
using static MultiArchImage.Oci.Tests.Serving.ServedRegistry;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>distribution-spec: Content Management. The workflow of that name of its conformance suite; and conditions (RFC 9110, 13).</summary>
[Needs(Part.HttpListener)]
public sealed class ManagementTests : IAsyncDisposable
{
    private readonly ServedRegistry _registry = new();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task A_tag_is_deleted_and_its_manifest_stays()
    {
        var digest = await _registry.PutManifestAsync("1.0");
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Repository}/manifests/1.0");
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", "GET", $"{Repository}/manifests/1.0");
        await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/manifests/{digest}");
        Assert.Empty((await _registry.GetJsonAsync($"{Repository}/tags/list"))["tags"]!);
    }

    [Fact]
    public async Task A_manifest_is_deleted_with_its_tags()
    {
        var digest = await _registry.PutManifestAsync("1.0");
        await _registry.PutManifestAsync("latest");
        await _registry.PutManifestAsync("other", "other");
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Repository}/manifests/{digest}");
        await _registry.SendAsync(HttpStatusCode.NotFound, "HEAD", $"{Repository}/manifests/{digest}");
        Assert.Equal(["other"], (await _registry.GetJsonAsync($"{Repository}/tags/list"))["tags"]!.Select(tag => $"{tag}"));
    }

    [Fact]
    public async Task A_blob_is_deleted()
    {
        var digest = await _registry.PutBlobAsync("content");
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Repository}/blobs/{digest}");
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN", "GET", $"{Repository}/blobs/{digest}");
    }

    [Fact]
    public async Task A_blob_is_not_deleted_as_a_manifest()
    {
        await _registry.PutManifestAsync("1.0");
        var digest = await _registry.PutBlobAsync("content");
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", "DELETE", $"{Repository}/manifests/{digest}");
        await _registry.SendAsync(HttpStatusCode.OK, "HEAD", $"{Repository}/blobs/{digest}");
    }

    [Fact]
    public async Task A_manifest_that_was_deleted_as_a_blob_is_gone_and_its_entries_can_be_deleted()
    {
        var digest = await _registry.PutManifestAsync("1.0");
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Repository}/blobs/{digest}");
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", "GET", $"{Repository}/manifests/1.0");
        await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/referrers/{digest}");
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Repository}/manifests/{digest}");
        Assert.Empty((await _registry.GetJsonAsync($"{Repository}/tags/list"))["tags"]!);
    }

    [Theory]
    [InlineData("manifests/none", "MANIFEST_UNKNOWN")]
    [InlineData("manifests/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "MANIFEST_UNKNOWN")]
    [InlineData("blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "BLOB_UNKNOWN")]
    public async Task What_is_not_there_cannot_be_deleted(string path, string code)
    {
        await _registry.RefusedAsync(HttpStatusCode.NotFound, code, "DELETE", $"{Repository}/{path}");
        await _registry.PutManifestAsync("1.0");
        await _registry.RefusedAsync(HttpStatusCode.NotFound, code, "DELETE", $"{Repository}/{path}");
    }

    [Theory]
    [InlineData("POST", "team/app/manifests/1.0")]
    [InlineData("PUT", "team/app/tags/list")]
    [InlineData("DELETE", "_catalog")]
    [InlineData("POST", "")]
    public async Task A_method_that_a_path_does_not_have_is_405(string method, string path) =>
        await _registry.RefusedAsync(HttpStatusCode.MethodNotAllowed, "UNSUPPORTED", method, path);

    [Fact]
    public async Task A_tag_moves_only_from_what_the_condition_says()
    {
        var first = await _registry.PutManifestAsync("1.0", "one");
        var document = Document(await _registry.PutBlobAsync("two"), "two");
        Task PutAsync(HttpStatusCode expected, string header, string value) =>
            _registry.SendAsync(expected, "PUT", $"{Repository}/manifests/1.0", Manifest(document), (header, value));
        await PutAsync(HttpStatusCode.PreconditionFailed, "If-Match", $"\"{Digest.Of("x"u8)}\"");
        await PutAsync(HttpStatusCode.PreconditionFailed, "If-None-Match", "*");
        await PutAsync(HttpStatusCode.PreconditionFailed, "If-None-Match", $"\"{first}\"");
        using (var still = await _registry.SendAsync(HttpStatusCode.OK, "HEAD", $"{Repository}/manifests/1.0"))
            Assert.Equal($"\"{first}\"", Header(still, "ETag"));
        await PutAsync(HttpStatusCode.Created, "If-Match", $"\"{Digest.Of("x"u8)}\", \"{first}\"");
        await PutAsync(HttpStatusCode.Created, "If-Match", "*");
    }

    [Fact]
    public async Task A_tag_is_deleted_only_where_it_holds_what_the_condition_says()
    {
        var digest = await _registry.PutManifestAsync("1.0");
        await _registry.SendAsync(HttpStatusCode.PreconditionFailed, "DELETE", $"{Repository}/manifests/1.0", null, ("If-Match", "\"sha256:other\""));
        await _registry.SendAsync(HttpStatusCode.OK, "HEAD", $"{Repository}/manifests/1.0");
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Repository}/manifests/1.0", null, ("If-Match", $"\"{digest}\""));
    }

    [Fact]
    public async Task A_tag_that_must_be_there_or_must_not_is_looked_at()
    {
        var document = Document(await _registry.PutBlobAsync("two"), "two");
        Task PutAsync(HttpStatusCode expected, string header, string value) =>
            _registry.SendAsync(expected, "PUT", $"{Repository}/manifests/new", Manifest(document), (header, value));
        await PutAsync(HttpStatusCode.PreconditionFailed, "If-Match", "*");
        await PutAsync(HttpStatusCode.Created, "If-None-Match", "*");
        await PutAsync(HttpStatusCode.PreconditionFailed, "If-None-Match", "*");
    }

    [Fact]
    public async Task Of_many_writers_with_one_condition_one_wins()
    {
        var first = await _registry.PutManifestAsync("1.0", "first");
        var statuses = await Task.WhenAll(Enumerable.Range(0, 24).Select(async number =>
        {
            var document = Document(await _registry.PutBlobAsync($"{number}"), $"{number}");
            using var response = await _registry.SendAsync("PUT", $"{Repository}/manifests/1.0", Manifest(document), ("If-Match", $"\"{first}\""));
            return response.StatusCode;
        }));
        Assert.Equal(1, statuses.Count(status => status == HttpStatusCode.Created));
        Assert.Equal(23, statuses.Count(status => status == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Many_writers_and_deleters_leave_a_whole_layout()
    {
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
        {
            // Few documents for many writers, so that one's delete meets another's push.
            var tag = $"t{number % 5}";
            await _registry.PutBlobAsync(tag);
            var document = Document(Digest.Of(Encoding.UTF8.GetBytes(tag)), tag);
            if (number % 3 == 0)
                await _registry.SendAsync("DELETE", $"{Repository}/manifests/{Digest.Of(Encoding.UTF8.GetBytes(document))}");
            else
                await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{Repository}/manifests/{tag}", Manifest(document));
        });
        foreach (var tag in (await _registry.GetJsonAsync($"{Repository}/tags/list"))["tags"]!)
            await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/manifests/{tag}");
    }
}
