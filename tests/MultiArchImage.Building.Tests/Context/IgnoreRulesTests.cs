using MultiArchImage.Testbed;

namespace MultiArchImage.Building.Tests.Context;

public sealed class IgnoreRulesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The table of Docker's documentation, and of what moby/patternmatcher tests.</summary>
    [Theory]
    [InlineData("", "a a/b a/b/c.log keep.log")]
    [InlineData("# a\n\n  \n", "a a/b a/b/c.log keep.log")]
    [InlineData("a", "keep.log")]
    [InlineData("/a/", "keep.log")]
    [InlineData("./a/../keep.log", "a a/b a/b/c.log")]
    [InlineData("*.log", "a a/b a/b/c.log")]
    [InlineData("**/*.log", "a a/b")]
    [InlineData("**", "")]
    [InlineData("*", "")]
    [InlineData("*/b", "a keep.log")]
    [InlineData("a/**", "a keep.log")]
    [InlineData("a/**/c.log", "a a/b keep.log")]
    [InlineData("**/b", "a keep.log")]
    [InlineData("?", "keep.log")]
    [InlineData("[a-b]", "keep.log")]
    [InlineData("[^a]*.log", "a a/b a/b/c.log")]
    [InlineData("keepXlog", "a a/b a/b/c.log keep.log")]
    [InlineData("*\n!keep.log", "keep.log")]
    [InlineData("!keep.log\n*", "")]
    [InlineData("a\n!a/b/c.log", "a a/b a/b/c.log keep.log")]
    [InlineData("**\n! **/c.log ", "a a/b a/b/c.log")]
    [InlineData("a\n!a/b\na/b/c.log", "a a/b keep.log")]
    [InlineData("\uFEFFa\r\nkeep.log\r\n", "")]
    public void The_last_rule_that_fits_decides(string rules, string left)
    {
        _folder.Write("context/a/b/c.log", "x");
        _folder.Write("context/keep.log", "x");
        _folder.Write("Dockerfile.dockerignore", rules);
        Assert.Equal(left, Listed(_folder["Dockerfile"]));
    }

    [Fact]
    public void A_backslash_separates_folders_on_Windows_and_hides_a_sign_elsewhere()
    {
        _folder.Write("context/a/b/c.log", "x");
        _folder.Write("context/keep.log", "x");
        _folder.Write("Dockerfile.dockerignore", "keep\\.log\na\\b");
        Assert.Equal(OperatingSystem.IsWindows() ? "a keep.log" : "a a/b a/b/c.log", Listed(_folder["Dockerfile"]));
    }

    [Fact]
    public void The_rules_beside_the_Dockerfile_come_before_those_of_the_context()
    {
        _folder.Write("context/a", "x");
        _folder.Write("context/b", "x");
        _folder.Write("context/.dockerignore", "a\n.dockerignore\n*.dockerignore");
        Assert.Equal("b", Listed("Dockerfile"));
        _folder.Write("context/Other.dockerignore", "b\n*.dockerignore");
        Assert.Equal("a", Listed("Other"));
    }

    [Theory]
    [InlineData("!")]
    [InlineData("a[")]
    public void A_malformed_rule_names_its_file(string rule)
    {
        _folder.Write("context/.dockerignore", rule);
        Assert.Contains(".dockerignore", Assert.Throws<BuildContextException>(() => Listed("Dockerfile")).Message);
    }

    private string Listed(string dockerfile)
    {
        using var context = new BuildContext(_folder["context"]);
        return string.Join(' ', context.Entries(dockerfile).Select(entry => entry.Path));
    }
}
