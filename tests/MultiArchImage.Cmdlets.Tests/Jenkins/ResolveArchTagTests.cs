using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>Tags as a job asks for them: by parameter, or by what its environment says.</summary>
public sealed class ResolveArchTagTests : IDisposable
{
    private readonly HostProcess _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("Resolve-ArchTag Latest", "latest")]
    [InlineData("$env:STREAM = 'guilin'; Resolve-ArchTag Stream", "guilin")]
    [InlineData("$env:GERRIT_BRANCH = 'master'; Resolve-ArchTag -Method Branch -Template '{tag}', 'k8s-{arch}-{tag}'", "latest k8s-{arch}-latest")]
    [InlineData("$env:GITHUB_REF = 'refs/tags/v1.0'; Resolve-ArchTag Branch", "v1.0")]
    [InlineData("$env:BRANCH_NAME = 'release/7'; Resolve-ArchTag Branch -Map @{ 'release/*' = 'r*' }", "r7")]
    [InlineData("$env:DOCKER_ROOT = 'sub'; Resolve-ArchTag YamlFile", "2.0")]
    [InlineData("$env:DOCKER_ROOT = 'none'; $env:CONTAINER_TAG_YAML_DIR = 'sub'; Resolve-ArchTag YamlFile", "2.0")]
    [InlineData("$env:CONTAINER_TAG_METHOD = 'yaml-file'; Resolve-ArchTag -Method $env:CONTAINER_TAG_METHOD sub", "2.0")]
    [InlineData("'sub' | ForEach-Object { Resolve-ArchTag YamlFile $_ }", "2.0")]
    public async Task A_tag_follows_from_parameters_and_environment(string script, string tags)
    {
        _host.Home.Write("sub/container-tag.yaml", "tag: '2.0'\n");
        var result = await _host.RunAsync("-Command", script);
        Assert.Equal("", result.Error);
        Assert.Equal(tags, string.Join(' ', result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
    }

    [Theory]
    [InlineData("newest")]
    [InlineData("3")]
    [InlineData("''")]
    public async Task A_word_that_is_no_method_is_refused_with_those_that_are(string method)
    {
        var result = await _host.RunAsync("-Command", $"Resolve-ArchTag {method}");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Latest, Stream, GitDescribe, YamlFile, Branch", result.Error.ReplaceLineEndings(" "));
    }

    [Fact]
    public async Task A_method_that_comes_to_nothing_ends_a_step_that_stops_on_errors()
    {
        var result = await _host.RunAsync("-Command", "$ErrorActionPreference = 'Stop'; Resolve-ArchTag Branch -Branch feature/x; 'went on'");
        Assert.Contains("give -Map", result.Error);
        Assert.DoesNotContain("went on", result.Output);
        Assert.NotEqual(0, result.ExitCode);
    }
}
