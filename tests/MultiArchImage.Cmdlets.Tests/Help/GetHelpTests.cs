using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Help;

/// <summary>What <c>Get-Help</c> shows of the staged module.</summary>
public sealed class GetHelpTests : IDisposable
{
    private readonly PowerShellSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(Documentation.CmdletData), MemberType = typeof(Documentation))]
    public async Task It_has_the_text_of_every_page(string cmdlet)
    {
        var page = Documentation.Page(cmdlet);
        var help = await _session.RunAsync($"$help = Get-Help {cmdlet} -Full; $help.Synopsis; $help.description.Text; $help.examples.example.title");
        Assert.Equal(
            [page.Synopsis, .. page.Description, .. page.Examples.Select(example => $"--- {example.Title} ---")],
            help.WithoutErrors().Output.Select(text => $"{text}".TrimEnd()));
        var forms = await _session.RunAsync($"(Get-Help {cmdlet}).syntax.syntaxItem | ForEach-Object {{ $_.parameter.name -join ' ' }}");
        Assert.Equal(page.Syntaxes.Count, forms.WithoutErrors().Output.Count);
    }

    [Theory]
    [MemberData(nameof(Documentation.CmdletData), MemberType = typeof(Documentation))]
    public async Task It_has_the_text_of_every_parameter(string cmdlet)
    {
        foreach (var parameter in Documentation.Page(cmdlet).Parameters)
        {
            var help = await _session.RunAsync($"$parameter = Get-Help {cmdlet} -Parameter {parameter.Name}; $parameter.name; $parameter.description.Text");
            Assert.Equal([parameter.Name, .. parameter.Description], help.WithoutErrors().Output.Select(text => $"{text}".TrimEnd()));
        }
    }

    [Fact]
    public async Task It_is_shown_as_that_of_built_in_cmdlets()
    {
        var shown = await _session.ShowAsync("Get-Help New-FatManifest -Full");
        foreach (var heading in new[] { "NAME", "SYNOPSIS", "SYNTAX", "DESCRIPTION", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS" })
            Assert.Contains($"{heading}\n", shown);
        Assert.Contains("    -RequirePlatform <String[]>", shown);
        Assert.Contains("--- Example 1: Build, publish and join in one line ---", await _session.ShowAsync("Get-Help New-FatManifest -Examples"));
        Assert.Contains("Required?                    false", await _session.ShowAsync("Get-Help New-FatManifest -Parameter RequirePlatform"));
    }

    [Theory]
    [InlineData("about_MultiArchImage")]
    [InlineData("about_MultiArchImage_Authentication")]
    [InlineData("about_MultiArchImage_Platforms")]
    [InlineData("about_MultiArchImage_Registries")]
    [InlineData("about_MultiArchImage_Jenkins")]
    public async Task Topics_are_found_and_fit_a_narrow_terminal(string topic)
    {
        var text = $"{(await _session.RunAsync($"Get-Help {topic}")).WithoutErrors().Output.Single()}";
        Assert.StartsWith($"TOPIC\n    {topic}\n", text);
        Assert.All(text.Split('\n').Where(line => !line.StartsWith("        ", StringComparison.Ordinal)), line => Assert.True(line.Length < 80, line));
    }
}
