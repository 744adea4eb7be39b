using System.Net;
using System.Net.Http.Headers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;
using static MultiArchImage.Oci.Tests.Serving.ServedRegistry;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>
/// What the conformance suite of the distribution specification does with each kind of content: push it, list, look at and pull it, ask for its
/// referrers, and delete all of it again. What the suite does with single blobs and wrong requests is in the tests beside this one.
/// </summary>
[Needs(Part.HttpListener)]
public sealed class ConformanceTests : IAsyncDisposable
{
    private readonly ServedRegistry _registry = new();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Theory]
    [InlineData("image")]
    [InlineData("uncompressed image")]
    [InlineData("large manifest")]
    [InlineData("index")]
    [InlineData("nested index")]
    [InlineData("empty index")]
    [InlineData("artifact")]
    [InlineData("artifact without layers")]
    [InlineData("artifact index")]
    [InlineData("artifacts with subject")]
    [InlineData("index with subject")]
    [InlineData("index with subject and no type")]
    [InlineData("missing subject")]
    [InlineData("data field")]
    [InlineData("non-distributable layers")]
    [InlineData("custom fields")]
    [InlineData("no layers")]
    [InlineData("sha512")]
    [InlineData("tags in the query")]
    [InlineData("tags in the query of sha512")]
    public async Task Content_of_a_kind_is_pushed_listed_pulled_and_deleted(string kind)
    {
        var data = ConformanceData.Of(kind);
        await PushAsync(data);
        await ListAsync(data);
        foreach (var (digest, bytes) in data.Blobs)
            await ReadAsync($"blobs/{digest}", digest, "application/octet-stream", bytes);
        foreach (var (manifest, bytes) in data.Manifests)
            await Task.WhenAll(NamesOf(data, manifest.Digest).Select(name => ReadAsync($"manifests/{name}", manifest.Digest, manifest.MediaType, bytes)));
        foreach (var subject in data.Referrers.Select(pair => pair.Subject).Distinct())
            await FindReferrersAsync(subject, [.. data.Referrers.Where(pair => pair.Subject == subject).Select(pair => pair.Referrer)]);
        await DeleteAsync(data);
    }

    private static IEnumerable<string> NamesOf(ConformanceData data, Digest digest) =>
        data.Tags.Where(tag => tag.Value == digest).Select(tag => tag.Key).Append($"{digest}");

    private static IEnumerable<string> PutsOf(ConformanceData data, Digest digest) => data.PutsTagsByQuery
        ? [$"{digest}?{string.Join('&', data.Tags.Where(tag => tag.Value == digest).Select(tag => $"tag={tag.Key}"))}"]
        : NamesOf(data, digest).Reverse();

    private async Task PushAsync(ConformanceData data)
    {
        foreach (var (digest, bytes) in data.Blobs)
            await _registry.SendAsync(HttpStatusCode.Created, "POST", $"{Repository}/blobs/uploads/?digest={digest}", new ByteArrayContent(bytes));
        foreach (var (manifest, bytes) in data.Manifests)
        {
            // By digest first and by tag then, as the suite does it.
            foreach (var name in PutsOf(data, manifest.Digest))
            {
                var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(manifest.MediaType) } };
                using var response = await _registry.SendAsync(HttpStatusCode.Created, "PUT", $"{Repository}/manifests/{name}", content);
                Assert.Equal($"{manifest.Digest}", Header(response, "Docker-Content-Digest"));
                Assert.Equal(data.Referrers.Where(pair => pair.Referrer.Digest == manifest.Digest).Select(pair => $"{pair.Subject}").SingleOrDefault(""), Header(response, "OCI-Subject"));
                using var stored = await _registry.SendAsync(HttpStatusCode.OK, "GET", Header(response, "Location"));
                Assert.Equal(bytes, await stored.Content.ReadAsByteArrayAsync());
            }
        }
    }

    private async Task ListAsync(ConformanceData data)
    {
        var tags = await TagsAsync("");
        Assert.Equal(data.Tags.Keys.Order(StringComparer.Ordinal), tags);
        if (tags.Count > 1)
            Assert.Equal(tags.Skip(tags.Count / 2), await TagsAsync($"?last={tags[tags.Count / 2 - 1]}"));
    }

    private async Task<IReadOnlyList<string>> TagsAsync(string query) =>
        [.. (await _registry.GetJsonAsync($"{Repository}/tags/list{query}"))["tags"]!.Select(tag => $"{tag}")];

    private async Task ReadAsync(string path, Digest digest, string mediaType, byte[] bytes)
    {
        foreach (var method in new[] { "HEAD", "GET" })
        {
            using var response = await _registry.SendAsync(HttpStatusCode.OK, method, $"{Repository}/{path}");
            Assert.Equal(
                ($"{digest}", mediaType, bytes.Length),
                (Header(response, "Docker-Content-Digest"), response.Content.Headers.ContentType!.ToString(), response.Content.Headers.ContentLength));
            Assert.Equal(method == "GET" ? bytes : [], await response.Content.ReadAsByteArrayAsync());
        }
    }

    private async Task FindReferrersAsync(Digest subject, IReadOnlyList<Descriptor> referrers)
    {
        Assert.Equal(Shown(referrers), await ReferrersAsync(subject, type: null));
        foreach (var type in referrers.Select(referrer => referrer.ArtifactType).OfType<string>().Distinct())
            Assert.Equal(Shown(referrers.Where(referrer => referrer.ArtifactType == type)), await ReferrersAsync(subject, type));
    }

    private async Task<IEnumerable<string>> ReferrersAsync(Digest subject, string? type)
    {
        using var response = await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/referrers/{subject}{(type is null ? "" : $"?artifactType={Uri.EscapeDataString(type)}")}");
        Assert.Equal((MediaTypes.OciIndex, type is null ? "" : "artifactType"), (response.Content.Headers.ContentType!.ToString(), Header(response, "OCI-Filters-Applied")));
        var index = JObject.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((2, MediaTypes.OciIndex), ((int)index["schemaVersion"]!, (string)index["mediaType"]!));
        return index["manifests"]!.Select(entry => $"{entry}").Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Shown(IEnumerable<Descriptor> referrers) => referrers.Select(referrer => $"{referrer.ToJson()}").Order(StringComparer.Ordinal);

    private async Task DeleteAsync(ConformanceData data)
    {
        foreach (var tag in data.Tags.Keys)
            await DeleteAsync($"manifests/{tag}");
        foreach (var (manifest, _) in data.Manifests.Reverse())
            await DeleteAsync($"manifests/{manifest.Digest}");
        foreach (var digest in data.Blobs.Keys)
            await DeleteAsync($"blobs/{digest}");
        Assert.Empty(await TagsAsync(""));
        foreach (var (subject, _) in data.Referrers)
            Assert.Empty(await ReferrersAsync(subject, type: null));
    }

    private async Task DeleteAsync(string path)
    {
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Repository}/{path}");
        await _registry.SendAsync(HttpStatusCode.NotFound, "HEAD", $"{Repository}/{path}");
    }
}
