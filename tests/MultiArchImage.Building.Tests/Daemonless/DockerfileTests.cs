using MultiArchImage.Building.Daemonless;

namespace MultiArchImage.Building.Tests.Daemonless;

public sealed class DockerfileTests
{
    [Fact]
    public void Instructions_keep_their_lines_across_continuations_and_comments()
    {
        var stage = Parse("""
            # syntax=docker/dockerfile:1

            # a comment
            from scratch
            ENV a=1 \
              # inside

                b=2
            copy --from=x --chown=1:2 a b
            """).Stages[0];
        Assert.Equal([("ENV", 5), ("COPY", 9)], stage.Instructions.Select(instruction => (instruction.Keyword, instruction.Line)));
        Assert.Equal(["a=1", "b=2"], stage.Instructions[0].Words);
        Assert.Equal("x", stage.Instructions[1].Flags["from"]);
        Assert.Equal("1:2", stage.Instructions[1].Flags["chown"]);
        Assert.Equal(["a", "b"], stage.Instructions[1].Words);
    }

    [Fact]
    public void The_escape_directive_changes_what_continues_a_line()
    {
        var stage = Parse("# escape=`\nFROM scratch\nCOPY a `\n  c:\\\nENV b=1").Stages[0];
        Assert.Equal(["a", @"c:\"], stage.Instructions[0].Words);
        Assert.Equal("ENV", stage.Instructions[1].Keyword);
    }

    [Fact]
    public void A_directive_behind_a_comment_is_a_comment() =>
        Assert.Equal('\\', Parse("# hello\n# escape=`\nFROM scratch").Stages[0].From.Escape);

    [Fact]
    public void Stages_are_found_by_name_in_any_case_and_by_number()
    {
        var dockerfile = Parse("ARG v=1\nFROM base AS One\nFROM --platform=$P two:$v as two\nFROM scratch\n");
        Assert.Equal(["base", "two:$v", "scratch"], dockerfile.Stages.Select(stage => stage.Base));
        Assert.Equal(0, dockerfile.Find("ONE", 2)?.Index);
        Assert.Equal(1, dockerfile.Find("1", 2)?.Index);
        Assert.Null(dockerfile.Find("two", 1));
        Assert.Equal(2, dockerfile.Target(null).Index);
        Assert.Equal(1, dockerfile.Target("two").Index);
        Assert.Single(dockerfile.Arguments);
    }

    [Theory]
    [InlineData("CMD [\"a\", \"b c\"]", new[] { "a", "b c" })]
    [InlineData("CMD []", new string[0])]
    [InlineData("CMD ['a']", null)]
    [InlineData("CMD [ -f x ]", null)]
    [InlineData("CMD a b", null)]
    public void The_json_form_is_strict(string line, string[]? items) => Assert.Equal(items, Parse($"FROM scratch\n{line}").Stages[0].Instructions[0].Json);

    [Fact]
    public void The_lines_of_a_here_document_are_no_instructions()
    {
        var stage = Parse("FROM scratch\nRUN <<EOF cat && <<-'END'\nnot an instruction\nEOF\nmore\n\tEND\nUSER 1").Stages[0];
        Assert.Equal(["RUN", "USER"], stage.Instructions.Select(instruction => instruction.Keyword));
        Assert.True(stage.Instructions[0].HasHeredoc);
        Assert.Equal(7, stage.Instructions[1].Line);
    }

    [Theory]
    [InlineData("", 1, "no FROM")]
    [InlineData("# only\n", 1, "no FROM")]
    [InlineData("COPY a b\nFROM scratch", 1, "before the first FROM")]
    [InlineData("FROM scratch\n\nCOPPY a b", 3, "'COPPY' is no instruction")]
    [InlineData("FROM scratch\nENV", 2, "has no arguments")]
    [InlineData("FROM a b c", 1, "not what follows FROM")]
    [InlineData("FROM a AS 1x", 1, "not what follows FROM")]
    [InlineData("# escape=x\nFROM a", 1, "escape character")]
    [InlineData("FROM a\nCOPY --from=a --from=b c d", 2, "given twice")]
    [InlineData("FROM a\nCOPY <<EOF /x\nnever ends", 2, "does not end")]
    public void A_malformed_file_is_an_error_with_its_line(string text, int line, string reason)
    {
        var failure = Assert.Throws<DockerfileException>(() => Parse(text));
        Assert.Equal(line, failure.Line);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.StartsWith($"Dockerfile:{line}: ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", new[] { "a", "b" })]
    [InlineData(" a\t b ", new[] { "a", "b" })]
    [InlineData("a=\"b c\" d", new[] { "a=\"b c\"", "d" })]
    [InlineData("a='b \" c' d", new[] { "a='b \" c'", "d" })]
    [InlineData(@"a\ b c", new[] { @"a\ b", "c" })]
    [InlineData("\"a\\\" b\" c", new[] { "\"a\\\" b\"", "c" })]
    public void Words_end_at_blanks_that_are_not_quoted(string text, string[] words) => Assert.Equal(words, ShellWords.Split(text, '\\'));

    [Theory]
    [InlineData("a*", "abc", true)]
    [InlineData("a*", "ba", false)]
    [InlineData("*", ".hidden", true)]
    [InlineData("?b", "ab", true)]
    [InlineData("?b", "b", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[^a-c]x", "bx", false)]
    [InlineData("[]a]x", "]x", true)]
    [InlineData(@"a\*", "a*", true)]
    [InlineData(@"a\*", "ab", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("*.go", "x.go", true)]
    public void A_pattern_matches_as_Go_does(string pattern, string name, bool expected) =>
        Assert.Equal(expected, GoPattern.Parse(pattern).Segments.Single().IsMatch(name));

    [Theory]
    [InlineData("[a")]
    [InlineData(@"a\")]
    public void A_malformed_pattern_is_an_error(string pattern) => Assert.Throws<FormatException>(() => GoPattern.Parse(pattern));

    private static Dockerfile Parse(string text) => Dockerfile.Parse("Dockerfile", text);
}
