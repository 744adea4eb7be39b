using MultiArchImage.Building.Daemonless;

namespace MultiArchImage.Building.Tests.Daemonless;

public sealed class VariableExpansionTests
{
    private static readonly Dictionary<string, string?> Variables = new() { ["X"] = "value", ["EMPTY"] = "", ["PATH2"] = "/a b" };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$X", "value")]
    [InlineData("${X}", "value")]
    [InlineData("a$X-b", "avalue-b")]
    [InlineData("${X}s", "values")]
    [InlineData("$Xs", "")]
    [InlineData("$NONE", "")]
    [InlineData("${NONE}", "")]
    [InlineData(@"\$X", "$X")]
    [InlineData(@"\${X}", "${X}")]
    [InlineData("'$X'", "$X")]
    [InlineData("\"$X\"", "value")]
    [InlineData("\"a b\"", "a b")]
    [InlineData("\"'$X'\"", "'value'")]
    [InlineData("'a\"b'", "a\"b")]
    [InlineData(@"""a\""b""", "a\"b")]
    [InlineData(@"""a\b""", @"a\b")]
    [InlineData(@"a\b", "ab")]
    [InlineData(@"a\ b", "a b")]
    [InlineData("${X:-d}", "value")]
    [InlineData("${NONE:-d}", "d")]
    [InlineData("${EMPTY:-d}", "d")]
    [InlineData("${EMPTY-d}", "")]
    [InlineData("${NONE-d}", "d")]
    [InlineData("${X:+a}", "a")]
    [InlineData("${NONE:+a}", "")]
    [InlineData("${EMPTY:+a}", "")]
    [InlineData("${EMPTY+a}", "a")]
    [InlineData("${NONE:-$X}", "value")]
    [InlineData("${NONE:-${X}/b}", "value/b")]
    [InlineData("${NONE:-${ALSO:-deep}}", "deep")]
    [InlineData("${X:?must}", "value")]
    [InlineData("$PATH2", "/a b")]
    [InlineData("$", "$")]
    [InlineData("a$ b", "a$ b")]
    [InlineData("$-x", "x")]
    [InlineData("$$X", "X")]
    [InlineData("$1X", "X")]
    public void A_word_expands_as_Docker_does(string word, string expected) => Assert.Equal(expected, Expand(word));

    [Theory]
    [InlineData("${X", "brace")]
    [InlineData("${NONE:-d", "brace")]
    [InlineData("${X:", "brace")]
    [InlineData("${}", "without a name")]
    [InlineData("${X Y}", "modifier ' '")]
    [InlineData("${X#a}", "modifier '#'")]
    [InlineData("${X:=a}", "modifier '='")]
    [InlineData("${NONE:?it is needed}", "NONE is not set: it is needed")]
    [InlineData("'a", "single quote")]
    [InlineData("\"a", "double quote")]
    public void A_malformed_word_is_an_error_with_its_line(string word, string reason)
    {
        var failure = Assert.Throws<DockerfileException>(() => Expand(word));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Equal(7, failure.Line);
    }

    [Fact]
    public void The_escape_character_is_the_files()
    {
        var instruction = new Instruction("Dockerfile", 1, "ENV", "", "") { Escape = '`' };
        Assert.Equal(@"c:\dir\$X", VariableExpansion.Expand(@"c:\dir\`$X", Variables.GetValueOrDefault, instruction));
    }

    private static string Expand(string word) =>
        VariableExpansion.Expand(word, Variables.GetValueOrDefault, new Instruction("Dockerfile", 7, "ENV", word, word));
}
