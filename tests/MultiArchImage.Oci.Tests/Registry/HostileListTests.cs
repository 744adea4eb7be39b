using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry;

/// <summary>Lists of a registry that means harm, or has more than anybody reads.</summary>
[Needs(Part.HttpListener)]
public sealed class HostileListTests : IDisposable
{
    private readonly RegistryFixture _fixture = new() { Options = new RegistryOptions { MaximumRetryCount = 0 } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("<http://elsewhere.example/v2/a/tags/list?n=2>; rel=\"next\"", "elsewhere.example, another host")]
    [InlineData("<//elsewhere.example/next>; rel=next", "elsewhere.example, another host")]
    [InlineData("<http://127.0.0.1:1/v2/a/tags/list>; rel=\"next\"", "127.0.0.1:1, another host")]
    [InlineData("<file:///etc/passwd>; rel=\"next\"", "no address")]
    [InlineData("<http://[>; rel=\"next\"", "no address")]
    public async Task A_list_that_goes_on_at_another_host_is_refused_and_that_is_not_asked(string link, string reason)
    {
        using var server = Listing("""{"tags":["1"]}""", link);
        var tags = await Assert.ThrowsAsync<InvalidImageException>(() => ListAsync(server));
        Assert.Contains(reason, tags.Message, StringComparison.Ordinal);
        using var referrers = Listing("""{"schemaVersion":2,"manifests":[]}""", link);
        await Assert.ThrowsAsync<InvalidImageException>(() => _fixture.Open($"{referrers.Host}/a").TryListReferrersAsync(Digest.Of("x"u8), Cancel));
    }

    [Theory]
    [InlineData("</v2/a/tags/list?next>; rel=\"next\"")]
    [InlineData("</v2/a/tags/list?back>; rel=\"prev\", </v2/a/tags/list?next>; rel=\"next\"")]
    [InlineData("</v2/a/tags/list?next>; title=\"a, <b>; rel=prev\"; rel=\"last next\"")]
    [InlineData("<list?next>;rel=next")]
    [InlineData("<https://127.0.0.1/v2/a/tags/list?next>; rel=\"next\"")]
    public async Task A_list_goes_on_where_its_own_registry_says(string link)
    {
        using var server = new AnsweringServer(context =>
        {
            if (context.Request.Url!.Query != "?next")
                context.Response.AddHeader("Link", link);
            return context.Request.Url.Query == "?next" ? """{"name":"a","tags":["2"]}""" : """{"name":"a","tags":["1"]}""";
        });
        Assert.Equal(["1", "2"], await ListAsync(server));
    }

    [Fact]
    public async Task Referrers_that_link_in_a_circle_end()
    {
        using var server = Listing("""{"schemaVersion":2,"manifests":[]}""", "<?again>; rel=\"next\"");
        var failure = await Assert.ThrowsAsync<InvalidImageException>(() => _fixture.Open($"{server.Host}/a").TryListReferrersAsync(Digest.Of("x"u8), Cancel));
        Assert.Contains("more than 100 pages", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"tags":["../../other/manifests/1"]}""", "no tag")]
    [InlineData("""{"tags":["a b"]}""", "no tag")]
    [InlineData("""{"tags":["\u001b[2J"]}""", "no tag")]
    [InlineData("""{"tags":[1]}""", "something else among")]
    [InlineData("""{"tags":{"a":"b"}}""", "something else than a list")]
    [InlineData("""{"tags":["1"],"tags":["2"]}""", "two lists")]
    [InlineData("""["1"]""", "JSON object")]
    [InlineData("""{"tags":["1"]""", "JSON object")]
    [InlineData("""{"tags":["1"]} {}""", "JSON object")]
    [InlineData("{\"tags\":[\"\\ud800\"]}", "JSON object")]
    [InlineData("", "JSON object")]
    public async Task What_is_no_list_of_tags_is_named(string body, string reason)
    {
        using var server = Listing(body);
        var failure = await Assert.ThrowsAsync<InvalidImageException>(() => ListAsync(server));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', failure.Message);
    }

    [Theory]
    [InlineData("""{"name":"a","tags":null}""")]
    [InlineData("""{"name":"a"}""")]
    [InlineData("""{"child":{"tags":["1"]},"tags":[]}""")]
    public async Task A_list_of_no_tags_has_none(string body)
    {
        using var server = Listing(body);
        Assert.Empty(await ListAsync(server));
    }

    private static AnsweringServer Listing(string body, string? link = null) => new(context =>
    {
        if (link is not null)
            context.Response.AddHeader("Link", link);
        return body;
    });

    private async Task<IReadOnlyList<string>> ListAsync(AnsweringServer server) => await _fixture.Open($"{server.Host}/a").ListTagsAsync(Cancel).ToListAsync(Cancel);
}
