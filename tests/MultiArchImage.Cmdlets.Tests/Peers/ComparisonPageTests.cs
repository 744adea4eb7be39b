using System.Text.RegularExpressions;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Peers;

/// <summary>What <c>docs/comparison.md</c> says of this module is shown by a test, and can be typed.</summary>
public sealed partial class ComparisonPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "comparison.md"));

    /// <summary>The cells of the rows of all tables that have a column <c>proof</c>, by the name of their column.</summary>
    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Rows { get; } = [.. ReadRows()];

    [Fact]
    public void Every_feature_of_the_peers_has_its_row() =>
        Assert.Equal(Enumerable.Range(1, 56), Rows.Where(row => row.ContainsKey("#")).Select(row => int.Parse(row["#"])));

    [Fact]
    public void Every_row_names_a_test_that_exists_or_says_that_this_module_does_not_do_it()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Test().Matches(File.ReadAllText(file)).Select(test => $"{Path.GetFileNameWithoutExtension(file)}.{test.Groups["name"]}"))
            .ToHashSet();
        Assert.All(Rows, row => Assert.True(
            row["this module"] == "–" ? row["proof"].Length == 0 : tests.Contains(row["proof"]), $"{row["feature"]}: there is no test {row["proof"]}"));
    }

    [Fact]
    public async Task Every_cmdlet_and_parameter_that_it_names_exists()
    {
        using var session = new PowerShellSession();
        var named = Rows.SelectMany(row => Code().Matches(row["this module"])).SelectMany(code => code.Groups["code"].Value.Split("\\|"))
            .Select(code => code.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => CmdletName().IsMatch(words[0])).ToList();
        Assert.NotEmpty(named);
        foreach (var words in named)
        {
            var parameters = await session.RunAsync($"(Get-Command {words[0]} -ErrorAction Stop).Parameters.Keys");
            Assert.All(words.Where(word => word[0] == '-').Select(word => word[1..]), word =>
                Assert.Contains(word, parameters.WithoutErrors().Output.Select(parameter => $"{parameter}")));
        }
    }

    [Fact]
    public void Every_note_is_there_and_used()
    {
        var (tables, notes) = (Page[..Page.IndexOf("## Notes", StringComparison.Ordinal)], Page[Page.IndexOf("## Notes", StringComparison.Ordinal)..]);
        Assert.Equal(
            Note().Matches(notes).Select(note => int.Parse(note.Groups["number"].Value)),
            NoteMark().Matches(tables).Select(mark => int.Parse(mark.Groups["number"].Value)).Distinct().Order());
    }

    private static IEnumerable<IReadOnlyDictionary<string, string>> ReadRows()
    {
        string[] columns = [];
        foreach (var line in Page.Split('\n').Where(line => line.StartsWith('|') && !line.StartsWith("| -", StringComparison.Ordinal)))
        {
            var cells = Bar().Split(line.Trim()[1..^1]).Select(cell => cell.Trim()).ToArray();
            if (cells[^1] == "proof")
                columns = cells;
            else
                yield return columns.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second);
        }
    }

    // A bar that is not part of a pipeline.
    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();

    [GeneratedRegex(@"public (?:async )?(?:Task|void) (?<name>\w+)\(")]
    private static partial Regex Test();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("^[A-Z][a-z]+-[A-Z][A-Za-z]+$")]
    private static partial Regex CmdletName();

    [GeneratedRegex(@"^(?<number>\d+)\. ", RegexOptions.Multiline)]
    private static partial Regex Note();

    [GeneratedRegex(@"\((?<number>\d+)\)")]
    private static partial Regex NoteMark();
}
