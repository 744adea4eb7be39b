using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Help;

/// <summary>docs/errors.md lists every error id with its category, and no other.</summary>
public sealed class ErrorTableTests
{
    // Objects without a constructor run: id and kind are facts of the type, whatever a failure is about.
    private const string Compiled =
        """
        $records = (Get-Module MultiArchImage).ImplementingAssembly.GetType('MultiArchImage.Cmdlets.Errors.ErrorRecords')
        $from = $records.GetMethod('From', [Reflection.BindingFlags] 'Public, Static, NonPublic')
        $base = [MultiArchImage.ImageException]
        $base.Assembly.GetTypes() | Where-Object { $_.IsSubclassOf($base) -and -not $_.IsAbstract } | ForEach-Object {
            $failure = [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($_)
            $record = $from.Invoke($null, @($failure, $null))
            "$($record.FullyQualifiedErrorId) | $($record.CategoryInfo.Category)"
        }
        """;

    private static readonly IReadOnlyList<string[]> Rows =
    [
        .. File.ReadAllLines(Path.Combine(Repository.Root, "docs", "errors.md"))
            .Where(line => line.StartsWith('|')).Skip(2)
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)),
    ];

    [Fact]
    public async Task Every_error_is_in_the_table_with_its_category_and_no_other_is()
    {
        using var session = new PowerShellSession();
        var compiled = (await session.RunAsync(Compiled)).WithoutErrors().Output.Select(line => $"{line}").Order(StringComparer.Ordinal);
        Assert.Equal(compiled, Rows.Select(row => $"{row[0]} | {row[1]}"));
    }

    [Fact]
    public void Every_row_says_cause_and_remedy() => Assert.All(Rows, row =>
    {
        Assert.Equal(4, row.Length);
        Assert.All(row, Assert.NotEmpty);
    });
}
