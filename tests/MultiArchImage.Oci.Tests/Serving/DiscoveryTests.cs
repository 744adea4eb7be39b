using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;
using static MultiArchImage.Oci.Tests.Serving.ServedRegistry;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>distribution-spec: Listing Tags, Listing Referrers. The workflow "content discovery" of its conformance suite.</summary>
[Needs(Part.HttpListener)]
public sealed class DiscoveryTests : IAsyncDisposable
{
    private readonly ServedRegistry _registry = new();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    // distribution-spec: Listing Tags: "lexical (i.e. case-insensitive alphanumeric) order".
    [Fact]
    public async Task Tags_are_listed_in_lexical_order()
    {
        foreach (var tag in new[] { "b", "C", "a", "1.0" })
            await _registry.PutManifestAsync(tag);
        var list = await _registry.GetJsonAsync($"{Repository}/tags/list");
        Assert.Equal((Repository, "1.0,a,b,C"), ((string?)list["name"], string.Join(',', list["tags"]!)));
    }

    [Theory]
    [InlineData("?n=2", "a,b", "?n=2&last=b")]
    [InlineData("?n=2&last=b", "c,d", "?n=2&last=d")]
    [InlineData("?n=2&last=d", "e", null)]
    [InlineData("?n=0", "", null)]
    [InlineData("?n=100", "a,b,c,d,e", null)]
    [InlineData("?last=c", "d,e", null)]
    [InlineData("?last=bb", "c,d,e", null)]
    public async Task A_page_of_tags_leads_to_the_next(string query, string tags, string? next)
    {
        await PutTagsAsync();
        using var response = await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/tags/list{query}");
        Assert.Equal(tags, string.Join(',', JObject.Parse(await response.Content.ReadAsStringAsync())["tags"]!));
        Assert.Equal(next is null ? "" : $"</v2/{Repository}/tags/list{next}>; rel=\"next\"", Header(response, "Link"));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    public async Task A_page_of_no_number_is_refused(string count)
    {
        await PutTagsAsync();
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, "UNSUPPORTED", "GET", $"{Repository}/tags/list?n={count}");
    }

    [Fact]
    public async Task Tags_of_an_unknown_repository_are_404() =>
        await _registry.RefusedAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN", "GET", "no/such/tags/list");

    [Fact]
    public async Task Repositories_are_listed_also_those_within_others()
    {
        foreach (var repository in new[] { "team/app/deep", "team", "other" })
            await _registry.PutManifestAsync("1.0", repository: repository);
        await _registry.SendAsync(HttpStatusCode.Accepted, "POST", "only/begun/blobs/uploads/");
        Assert.Equal("other,team,team/app/deep", string.Join(',', (await _registry.GetJsonAsync("_catalog"))["repositories"]!));
        using var page = await _registry.SendAsync(HttpStatusCode.OK, "GET", "_catalog?n=1&last=other");
        Assert.Equal("</v2/_catalog?n=1&last=team>; rel=\"next\"", Header(page, "Link"));
    }

    [Fact]
    public async Task Ten_thousand_tags_are_listed_page_by_page()
    {
        await _registry.PutManifestAsync("1.0");
        var index = Path.Combine(_registry.Folder["served"], "team", "app", "index.json");
        var json = JObject.Parse(await File.ReadAllTextAsync(index));
        var entry = json["manifests"]![0]!;
        var entries = Enumerable.Range(0, 10_000).Select(number =>
        {
            var copy = entry.DeepClone();
            copy["annotations"]![Annotations.RefName] = $"t{number:00000}";
            return copy;
        });
        json["manifests"] = new JArray(entries);
        await File.WriteAllTextAsync(index, $"{json}");
        using var fixture = new Registry.RegistryFixture();
        var tags = await fixture.Open($"{_registry.Server.Host}/{Repository}").ListTagsAsync(CancellationToken.None).ToListAsync();
        Assert.Equal(Enumerable.Range(0, 10_000).Select(number => $"t{number:00000}"), tags);
    }

    [Fact]
    public async Task Referrers_are_listed_with_type_and_annotations_whether_they_have_tags_or_not()
    {
        var subject = await _registry.PutManifestAsync("1.0");
        var sbom = await ReferAsync(subject, "application/vnd.example.sbom");
        var signature = await ReferAsync(subject, "application/vnd.example.signature");
        var byConfig = await ReferAsync(subject, null);
        var list = await _registry.GetJsonAsync($"{Repository}/referrers/{subject}");
        Assert.Equal(MediaTypes.OciIndex, (string?)list["mediaType"]);
        Assert.Equal(
            new[] { $"{sbom} application/vnd.example.sbom yes", $"{signature} application/vnd.example.signature yes", $"{byConfig} {MediaTypes.OciConfig} yes" }.Order(),
            list["manifests"]!.Select(item => $"{item["digest"]} {item["artifactType"]} {item["annotations"]!["good"]}").Order());
    }

    [Fact]
    public async Task A_filter_by_type_is_applied_and_said_so()
    {
        var subject = await _registry.PutManifestAsync("1.0");
        await ReferAsync(subject, "application/vnd.example.sbom");
        var signature = await ReferAsync(subject, "application/vnd.example.signature");
        using var response = await _registry.SendAsync(HttpStatusCode.OK, "GET", $"{Repository}/referrers/{subject}?artifactType=application/vnd.example.signature");
        Assert.Equal((MediaTypes.OciIndex, "artifactType"), (Header(response, "Content-Type"), Header(response, "OCI-Filters-Applied")));
        Assert.Equal(signature, Digest.Parse($"{JObject.Parse(await response.Content.ReadAsStringAsync())["manifests"]!.Single()["digest"]}"));
    }

    // distribution-spec: Listing Referrers: "MUST NOT return a 404 … if the repository exists"; nor does it where a client looks before it pushes.
    [Theory]
    [InlineData(Repository)]
    [InlineData("no/such")]
    public async Task No_referrers_are_an_empty_index(string repository)
    {
        await _registry.PutManifestAsync("1.0");
        Assert.Empty((await _registry.GetJsonAsync($"{repository}/referrers/{Digest.Of("x"u8)}"))["manifests"]!);
    }

    [Fact]
    public async Task Referrers_of_no_digest_are_refused() =>
        await _registry.RefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID", "GET", $"{Repository}/referrers/1.0");

    [Fact]
    public async Task A_referrer_that_was_deleted_is_not_listed()
    {
        var subject = await _registry.PutManifestAsync("1.0");
        var sbom = await ReferAsync(subject, "application/vnd.example.sbom");
        Assert.Single((await _registry.GetJsonAsync($"{Repository}/referrers/{subject}"))["manifests"]!);
        await _registry.SendAsync(HttpStatusCode.Accepted, "DELETE", $"{Repository}/manifests/{sbom}");
        Assert.Empty((await _registry.GetJsonAsync($"{Repository}/referrers/{subject}"))["manifests"]!);
    }

    private async Task PutTagsAsync()
    {
        foreach (var tag in new[] { "a", "b", "c", "d", "e" })
            await _registry.PutManifestAsync(tag);
    }

    private Task<Digest> ReferAsync(Digest subject, string? type) => _registry.PutManifestAsync(null, more: new JObject
    {
        ["artifactType"] = type,
        ["subject"] = new JObject { ["mediaType"] = MediaTypes.OciManifest, ["digest"] = $"{subject}", ["size"] = 1 },
        ["annotations"] = new JObject { ["good"] = "yes" },
    });
}
