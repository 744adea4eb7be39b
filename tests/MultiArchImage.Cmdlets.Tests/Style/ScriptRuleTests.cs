using System.Management.Automation.Language;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Style;

/// <summary>Every script of the repository keeps to the default rules of PSScriptAnalyzer.</summary>
public sealed class ScriptRuleTests : IDisposable
{
    private static readonly string[] Made = ["bin", "obj", "out", ".git"];

    private readonly PowerShellSession _session = new();

    public static TheoryData<string> Scripts =>
    [
        // What was made leads all over the machine: Wine's drives are links.
        .. new DirectoryInfo(Repository.Root).EnumerateDirectories().Where(folder => !Made.Contains(folder.Name))
            .SelectMany(folder => Directory.EnumerateFiles(folder.FullName, "*.ps*1", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.ps*1"))
            .Where(file => Path.GetExtension(file) is ".ps1" or ".psd1" or ".psm1")
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Intersect(Made).Any()),
    ];

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task They_hold(string script) => Assert.Empty(await CheckAsync(File.ReadAllText(Path.Combine(Repository.Root, script)).ReplaceLineEndings("\n")));

    [Theory]
    [InlineData("ls", "PSAvoidUsingCmdletAliases: ls")]
    [InlineData("1..3 | % { $_ }", "PSAvoidUsingCmdletAliases: % { $_ }")]
    [InlineData("Write-Host hello", "PSAvoidUsingWriteHost: Write-Host hello")]
    [InlineData("Copy-Item a b c", "PSAvoidUsingPositionalParameters: Copy-Item a b c")]
    [InlineData("Copy-Item a b -Force", null)]
    [InlineData("function Do-It { }", "PSUseApprovedVerbs: Do-It")]
    [InlineData("function Get-Things { }", "PSUseSingularNouns: Get-Things")]
    [InlineData("function New-Thing { }", "PSUseShouldProcessForStateChangingFunctions: New-Thing")]
    [InlineData("function Get-Thing([string] $Name) { }", "PSReviewUnusedParameter: Name")]
    [InlineData("function Get-Thing([string] $Password) { $Password }", "PSAvoidUsingPlainTextForPassword: Password")]
    [InlineData("$unused = 1", "PSUseDeclaredVarsMoreThanAssignments: unused")]
    [InlineData("$used = 1; \"$used\"", null)]
    [InlineData("$splat = @{}; Get-Item @splat", null)]
    [InlineData("$map = @{}; $map.key = 1; $map", null)]
    [InlineData("$global:x = 1; $x", "PSAvoidGlobalVars: global:x")]
    [InlineData("$input = 1; $input", "PSAvoidAssignmentToAutomaticVariable: input")]
    [InlineData("1 -eq $null", "PSPossibleIncorrectComparisonWithNull: 1 -eq $null")]
    [InlineData("try { 1 } catch { }", "PSAvoidUsingEmptyCatchBlock: catch { }")]
    [InlineData("'ä'", "PSUseBOMForUnicodeEncodedFile: ä")]
    [InlineData("1 ", "PSAvoidTrailingWhitespace: line 1")]
    [InlineData("[Diagnostics.CodeAnalysis.SuppressMessage('PSUseDeclaredVarsMoreThanAssignments', '')]\nparam()\n$unused = 1", null)]
    public async Task What_breaks_one_is_found(string script, string? finding) =>
        Assert.Equal(finding is null ? [] : [finding], await CheckAsync(script));

    [Fact]
    public void The_manifest_has_every_field_and_exports_by_name()
    {
        var file = Path.Combine(Repository.Root, "MultiArchImage.psd1");
        var fields = ((HashtableAst)Parser.ParseFile(file, out _, out _).Find(ast => ast is HashtableAst, false)!).KeyValuePairs.ToDictionary(pair => $"{pair.Item1}", pair => $"{pair.Item2}");
        // PSMissingModuleManifestField, PSUseToExportFieldsInManifest.
        Assert.Subset(fields.Keys.ToHashSet(), new HashSet<string> { "ModuleVersion", "GUID", "Author", "Description", "CompatiblePSEditions", "PowerShellVersion" });
        Assert.All(new[] { "FunctionsToExport", "CmdletsToExport", "VariablesToExport", "AliasesToExport" }, field => Assert.DoesNotContain('*', fields[field]));
    }

    private async Task<IEnumerable<string>> CheckAsync(string script)
    {
        var aliases = (await _session.RunAsync("(Get-Command -CommandType Alias | Where-Object Source -NE MultiArchImage).Name")).Output.Select(name => $"{name}");
        return ScriptRules.Check(script, aliases.ToHashSet(StringComparer.OrdinalIgnoreCase));
    }
}
