using Microsoft.Extensions.Time.Testing;
using MultiArchImage.Building.Tagging;
using MultiArchImage.Testbed;

namespace MultiArchImage.Building.Tests.Tagging;

public sealed class TagResolverTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Latest_is_latest() => Assert.Equal(["latest"], await ResolveAsync(Request(TagMethod.Latest)));

    [Fact]
    public async Task A_stream_is_itself_and_latest_where_it_is_the_branch()
    {
        Assert.Equal(["3.0.0"], await ResolveAsync(Request(TagMethod.Stream) with { Stream = "3.0.0" }));
        Assert.Equal(["3.0.0"], await ResolveAsync(Request(TagMethod.Stream) with { Stream = "3.0.0", Branch = "master" }));
        Assert.Equal(["latest"], await ResolveAsync(Request(TagMethod.Stream) with { Stream = "master", Branch = "master" }));
        Assert.Contains("give -Stream", (await FailAsync(Request(TagMethod.Stream))).Message);
    }

    [Theory]
    [InlineData("master", "latest")]
    [InlineData("origin/main", "latest")]
    [InlineData("refs/heads/master", "latest")]
    [InlineData("stable/jerma", "stable")]
    [InlineData("refs/tags/opnfv-9.0.1", "opnfv-9.0.1")]
    [InlineData("release/7", "r7")]
    [InlineData("release/8", "eight")]
    public async Task A_branch_becomes_what_the_rules_say(string branch, string tag)
    {
        var map = new Dictionary<string, string> { ["release/*"] = "r*", ["release/8"] = "eight" };
        Assert.Equal([tag], await ResolveAsync(Request(TagMethod.Branch) with { Branch = branch, Map = map }));
    }

    [Theory]
    [InlineData(null, "give -Branch")]
    [InlineData("feature/x", "give -Map @{ 'feature/x' = 'a-tag' }")]
    [InlineData("refs/tags/a/b", "which is no tag")]
    public async Task A_branch_without_a_rule_is_an_error_that_says_what_to_do(string? branch, string advice) =>
        Assert.Contains(advice, (await FailAsync(Request(TagMethod.Branch) with { Branch = branch })).Message);

    [Fact]
    public async Task The_value_of_tag_in_the_YAML_file_is_the_tag()
    {
        _folder.Write("container-tag.yaml", "---\n# the release\ntag: '1.2.3' # quoted\nother: [1, 2]\n");
        Assert.Equal(["1.2.3"], await ResolveAsync(Request(TagMethod.YamlFile)));
    }

    [Theory]
    [InlineData("tag: 1.10\n", "1.10")]
    [InlineData("tag: 'null'\n", "null")]
    public async Task A_tag_in_YAML_is_as_it_is_written(string content, string tag)
    {
        _folder.Write("container-tag.yaml", content);
        Assert.Equal([tag], await ResolveAsync(Request(TagMethod.YamlFile)));
    }

    [Theory]
    [InlineData(null, "write the file with a line 'tag: 1.0'")]
    [InlineData("version: 1\n", "has no value for 'tag'")]
    [InlineData("tag:\n", "has no value for 'tag'")]
    [InlineData("tag: [1]\n", "has no value for 'tag'")]
    [InlineData("tag: null\n", "has no value for 'tag'")]
    [InlineData("tag: ~\n", "has no value for 'tag'")]
    [InlineData("- tag: 1\n", "has no value for 'tag'")]
    [InlineData("", "has no value for 'tag'")]
    [InlineData("tag: 'x\n", "is not YAML")]
    [InlineData("tag: a b\n", "which is no tag")]
    public async Task A_YAML_file_without_a_tag_is_an_error_that_says_what_to_do(string? content, string advice)
    {
        if (content is not null)
            _folder.Write("container-tag.yaml", content);
        Assert.Contains(advice, (await FailAsync(Request(TagMethod.YamlFile))).Message);
    }

    [Fact]
    [Needs(Part.Git)]
    public async Task Git_describes_by_annotated_tags_only()
    {
        await GitAsync("init", "--quiet");
        await CommitAsync();
        await GitAsync("tag", "light");
        Assert.Contains("git tag -a", (await FailAsync(Request(TagMethod.GitDescribe))).Message);
        await GitAsync("tag", "-a", "v1.0", "-m", "one");
        Assert.Equal(["v1.0"], await ResolveAsync(Request(TagMethod.GitDescribe)));
        await CommitAsync();
        Assert.Matches("^v1.0-1-g[0-9a-f]+$", Assert.Single(await ResolveAsync(Request(TagMethod.GitDescribe))));
        Assert.Matches("^[0-9a-f]{12}$", Assert.Single(await ResolveAsync(Request(TagMethod.Latest) with { Templates = ["{commit}"] })));
    }

    [Fact]
    [Needs(Part.Git)]
    public async Task A_folder_that_is_no_repository_is_an_error_that_says_what_to_do() =>
        Assert.Contains("check that -Path is in a Git repository", (await FailAsync(Request(TagMethod.GitDescribe))).Message);

    [Fact]
    public async Task Templates_make_several_tags_each_once()
    {
        var request = Request(TagMethod.Stream) with { Stream = "guilin", Templates = ["{tag}", "{stream}", "k8s-{arch}-{tag}", "{tag}-{date}", "{date:yyyyMMdd}"] };
        Assert.Equal(["guilin", "k8s-{arch}-guilin", "guilin-20260501123456", "20260501"], await ResolveAsync(request));
        Assert.Contains("nothing is known as {version}", (await FailAsync(request with { Templates = ["{version}"] })).Message);
    }

    private TagRequest Request(TagMethod method) => new(method, _folder.Path);

    // One hour east of Greenwich: stamps are UTC.
    private static Task<IReadOnlyList<string>> ResolveAsync(TagRequest request) =>
        new TagResolver(new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 13, 34, 56, TimeSpan.FromHours(1)))).ResolveAsync(request, CancellationToken.None);

    private static Task<TagUnresolvedException> FailAsync(TagRequest request) => Assert.ThrowsAsync<TagUnresolvedException>(() => ResolveAsync(request));

    private Task CommitAsync() => GitAsync("commit", "--quiet", "--allow-empty", "-m", "a change");

    private Task GitAsync(params string[] arguments) => Tool.RunAsync("git", ["-C", _folder.Path, "-c", "user.name=a", "-c", "user.email=a@example.org", .. arguments]);
}
