using System.Management.Automation;
using MultiArchImage.Help.Pages;

namespace MultiArchImage.Cmdlets.Tests.Help;

/// <summary>The pages say what the cmdlets are. <c>./build.ps1 Help</c> brings syntax and facts up to date, and drafts a missing page.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task Every_cmdlet_has_a_page_and_no_other_has()
    {
        Assert.Equal(await Metadata.NamesAsync(), Documentation.Cmdlets);
        Assert.All(Documentation.Cmdlets, cmdlet => Assert.Equal(cmdlet, Documentation.Page(cmdlet).Name));
    }

    [Theory]
    [MemberData(nameof(Documentation.CmdletData), MemberType = typeof(Documentation))]
    public async Task The_syntax_is_that_of_the_assembly(string cmdlet)
    {
        var sets = (await Metadata.OfAsync(cmdlet)).ParameterSets;
        Assert.Equal(
            sets.Select(set => new HelpSyntax(set.Name == "__AllParameterSets" ? "All" : set.Name, $"{cmdlet} {set}")).OrderBy(form => form.ParameterSet),
            Documentation.Page(cmdlet).Syntaxes.OrderBy(form => form.ParameterSet));
    }

    [Theory]
    [MemberData(nameof(Documentation.CmdletData), MemberType = typeof(Documentation))]
    public async Task Every_parameter_has_a_text_and_true_facts(string cmdlet)
    {
        var command = await Metadata.OfAsync(cmdlet);
        var pages = Documentation.Page(cmdlet).Parameters;
        Assert.Equal(Metadata.Parameters(command).Select(parameter => parameter.Name).Order(), pages.Select(page => page.Name).Order());
        foreach (var page in pages)
        {
            Assert.True(string.Join(' ', page.Description).Length > 10, $"-{page.Name} has no text");
            Assert.Equal(Facts(command, page.Name), page.Facts.SelectMany(facts => Sets(command, facts).Select(set => Line(set, facts))).Order());
            Assert.All(page.Facts, facts => Assert.Equal(string.Join(", ", command.Parameters[page.Name].Aliases), facts.Aliases));
            Assert.All(page.Facts, facts => Assert.Equal(AcceptedValues(command.Parameters[page.Name]), facts.AcceptedValues));
        }
    }

    [Theory]
    [MemberData(nameof(Documentation.CmdletData), MemberType = typeof(Documentation))]
    public async Task Nothing_else_is_missing(string cmdlet)
    {
        var page = Documentation.Page(cmdlet);
        var command = await Metadata.OfAsync(cmdlet);
        Assert.InRange(page.Synopsis.Length, 20, 150);
        Assert.True(page.Description.Sum(text => text.Length) > 2 * page.Synopsis.Length, "the description says no more than the synopsis");
        Assert.InRange(page.Examples.Count, 2, 6);
        Assert.All(page.Examples, example => Assert.Contains(example.Blocks, block => block.Language == "powershell"));
        Assert.Equal(command.OutputType.Select(type => type.Name).DefaultIfEmpty("None").Order(), page.Outputs.Select(type => type.Name).Order());
        Assert.NotEmpty(page.Inputs);
        Assert.NotEmpty(page.Notes);
        Assert.NotEmpty(page.Links);
    }

    private static IEnumerable<string> Facts(CommandInfo command, string parameter) =>
        from set in command.ParameterSets
        from inSet in set.Parameters
        where inSet.Name == parameter
        let pipeline = (inSet.ValueFromPipelineByPropertyName, inSet.ValueFromPipeline) switch
        {
            (true, true) => "True (ByPropertyName, ByValue)",
            (true, false) => "True (ByPropertyName)",
            (false, true) => "True (ByValue)",
            _ => "False",
        }
        let wildcards = inSet.Attributes.OfType<SupportsWildcardsAttribute>().Any()
        let line = $"{set.Name}: {TypeName(inSet.ParameterType)}, required {inSet.IsMandatory}, position {(inSet.Position < 0 ? "Named" : inSet.Position)}, {pipeline}, {wildcards}"
        orderby line
        select line;

    private static string Line(string set, ParameterFacts facts) =>
        $"{set}: {facts.Type}, required {facts.IsRequired}, position {facts.Position}, {facts.PipelineInput}, {facts.TakesWildcards}";

    private static IEnumerable<string> Sets(CommandInfo command, ParameterFacts facts) =>
        facts.ParameterSets == "(All)" ? command.ParameterSets.Select(set => set.Name) : facts.ParameterSets.Split(", ");

    private static string TypeName(Type type) => (Nullable.GetUnderlyingType(type) ?? type).Name;

    private static IEnumerable<string> AcceptedValues(ParameterMetadata parameter)
    {
        var type = parameter.ParameterType.GetElementType() ?? parameter.ParameterType;
        return type.IsEnum ? Enum.GetNames(type) : [];
    }
}
