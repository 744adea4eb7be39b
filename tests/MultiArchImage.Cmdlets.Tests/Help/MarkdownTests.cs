using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Help;

/// <summary>What holds for every page in docs, and the README: no link is dead, and commands in them could be run.</summary>
public sealed partial class MarkdownTests
{
    public static TheoryData<string> Pages =>
    [
        "README.md",
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Root, file)),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string page)
    {
        var file = Path.Combine(Repository.Root, page);
        var targets = Link().Matches(File.ReadAllText(file)).Select(match => match.Groups["target"].Value.Split('#')[0]);
        Assert.All(targets.Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)), target =>
            Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target)), target));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Commands_are_PowerShell_and_name_parameters_that_there_are(string page)
    {
        var cmdlets = await Metadata.NamesAsync();
        foreach (var code in Commands().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n")).Select(match => match.Groups["code"].Value))
        {
            var script = Parser.ParseInput(code, out _, out var errors);
            Assert.Empty(errors);
            foreach (var command in script.FindAll(part => part is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
            {
                if (!cmdlets.Contains(command.GetCommandName()))
                    continue;
                var known = (await Metadata.OfAsync(command.GetCommandName())).Parameters;
                Assert.All(command.CommandElements.OfType<CommandParameterAst>(), parameter => Assert.Contains(parameter.ParameterName, known));
            }
        }
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?sm)^```powershell[^\n]*\n(?<code>.*?)^```")]
    private static partial Regex Commands();
}
