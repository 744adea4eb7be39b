using System.Formats.Tar;
using MultiArchImage.Building.Daemonless;

namespace MultiArchImage.Building.Tests.Daemonless;

public sealed class CopyPlanTests
{
    // A name that ends in / is a folder, one with -> a link.
    private static readonly string[] Context =
        ["app", "b.txt", ".hidden", "docs/", "docs/a.md", "docs/b.md", "docs/deep/", "docs/deep/c.md", "empty/", "go->app", "in->docs", "out->../../etc/passwd", "abs->/docs", "loop->loop"];

    private static readonly string[] Image = ["etc/", "etc/passwd", "opt/", "opt/old/", "usr/", "usr/lib/", "lib->usr/lib", "work/"];

    [Theory]
    [InlineData("app /bin/app", "bin/ bin/app")]
    [InlineData("app /bin/", "bin/ bin/app")]
    [InlineData("app /opt", "opt/app")]
    [InlineData("app /opt/", "opt/app")]
    [InlineData("/app /x", "x")]
    [InlineData("./app /x", "x")]
    [InlineData("../../app /x", "x")]
    [InlineData("app .", "work/app")]
    [InlineData("app ./", "work/app")]
    [InlineData("app x", "work/x")]
    [InlineData("app ../x", "x")]
    [InlineData("app ../../../x", "x")]
    [InlineData("app b.txt /to/", "to/ to/app to/b.txt")]
    [InlineData("docs /to", "to/ to/a.md to/b.md to/deep/ to/deep/c.md")]
    [InlineData("docs/ /to/", "to/ to/a.md to/b.md to/deep/ to/deep/c.md")]
    [InlineData("docs /opt", "opt/a.md opt/b.md opt/deep/ opt/deep/c.md")]
    [InlineData("docs/deep b.txt /", "b.txt c.md")]
    [InlineData("empty /to", "to/")]
    [InlineData("docs/*.md /to/", "to/ to/a.md to/b.md")]
    [InlineData("docs/* /to/", "to/ to/a.md to/b.md to/c.md")]
    [InlineData("d*s /to", "to/ to/a.md to/b.md to/deep/ to/deep/c.md")]
    [InlineData("?.txt /to", "to")]
    [InlineData("b.tx[s-u] none* /to/", "to/ to/b.txt")]
    [InlineData("app /lib/app", "usr/lib/app")]
    [InlineData("app /lib", "usr/lib/app")]
    [InlineData("go /x", "x")]
    [InlineData("go /x/", "x/ x/go")]
    [InlineData("in /to", "to/ to/a.md to/b.md to/deep/ to/deep/c.md")]
    [InlineData("in/a.md /to", "to")]
    [InlineData("abs/a.md /to", "to")]
    [InlineData("app /new/deep/er/", "new/ new/deep/ new/deep/er/ new/deep/er/app")]
    public void A_source_goes_where_Docker_puts_it(string words, string expected) =>
        Assert.Equal(expected, string.Join(' ', Plan(words).Select(entry => entry.Path + (entry.IsFolder ? "/" : ""))));

    [Fact]
    public void Links_inside_a_folder_stay_links()
    {
        var entries = Plan(". /all").ToDictionary(entry => entry.Path);
        Assert.Equal("../../etc/passwd", entries["all/out"].LinkTarget);
        Assert.Equal(TarEntryType.SymbolicLink, entries["all/go"].Type);
        Assert.Equal(TarEntryType.RegularFile, entries["all/.hidden"].Type);
        Assert.Equal(Context.Length + 1, entries.Count);
    }

    [Theory]
    [InlineData("none /x", "'none' is not in the build context")]
    [InlineData("none* /x", "'none*' is not in the build context")]
    [InlineData("docs/none /x", "'docs/none' is not in the build context")]
    [InlineData("app b.txt /to", "cannot take several sources")]
    [InlineData("docs/*.md /to", "cannot take the 2 files that match")]
    [InlineData("out /x", "link to something that is not there")]
    [InlineData("loop /x", "link to something that is not there")]
    [InlineData("[ /x", "bracket")]
    [InlineData("app /etc/passwd/", "cannot replace '/etc/passwd'")]
    [InlineData("app /etc/passwd/x", "cannot replace '/etc/passwd'")]
    public void What_cannot_be_copied_is_an_error(string words, string reason)
    {
        var failure = Assert.Throws<DockerfileException>(() => Plan(words));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_replaces_no_link_of_the_image()
    {
        var from = Tree("lib/", "lib/x.so");
        var failure = Assert.Throws<DockerfileException>(() => CopyPlan.Make(Request(". /") with { From = from }));
        Assert.Contains("'/lib'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Owner_and_mode_are_those_that_were_asked_for()
    {
        var request = Request("docs /new/to") with { Owner = new Owner(5, 6), Mode = (UnixFileMode)Convert.ToInt32("750", 8) };
        Assert.All(CopyPlan.Make(request), entry => Assert.Equal(new Owner(5, 6), entry.Owner));
        Assert.Equal("750", Convert.ToString((int)CopyPlan.Make(request).Single(entry => entry.Name == "a.md").Mode, 8));
    }

    private static IReadOnlyList<TreeEntry> Plan(string words) => CopyPlan.Make(Request(words));

    private static CopyRequest Request(string words)
    {
        var paths = words.Split(' ');
        return new CopyRequest(new Instruction("Dockerfile", 1, "COPY", words, words), paths[..^1], paths[^1], Tree(Context), Tree(Image), "/work");
    }

    private static FileTree Tree(params string[] names)
    {
        var tree = new FileTree();
        tree.AddAll(names.Select(name => name switch
        {
            _ when name.EndsWith('/') => new TreeEntry(name.TrimEnd('/'), TarEntryType.Directory),
            _ when name.Split("->") is [var link, var target] => new TreeEntry(link, TarEntryType.SymbolicLink) { LinkTarget = target },
            _ => new TreeEntry(name, TarEntryType.RegularFile) { Content = new DiskContent(name, 0) },
        }));
        return tree;
    }
}
