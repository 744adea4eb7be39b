using System.Runtime.Loader;
using System.Xml.Linq;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests;

public sealed class ModuleTests
{
    [Fact]
    public async Task The_manifest_is_valid_and_exports_every_cmdlet_and_no_other()
    {
        using var session = new PowerShellSession();
        var manifest = (await session.RunAsync($"Test-ModuleManifest '{Repository.ModuleManifest}'")).WithoutErrors();
        Assert.Equal("MultiArchImage", manifest.Values("Name").Single());
        var exported = await session.RunAsync("(Get-Module MultiArchImage).ExportedCmdlets.Keys");
        var compiled = await session.RunAsync(
            "(Get-Module MultiArchImage).ImplementingAssembly.GetTypes() | Where-Object { $_.IsPublic -and -not $_.IsAbstract -and $_.Name -like '*Command' } | "
            + "ForEach-Object { $a = $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)[0]; $a.VerbName + '-' + $a.NounName }");
        Assert.NotEmpty(exported.Output);
        Assert.Equal(compiled.Output.Select(name => $"{name}").Order(), exported.Output.Select(name => $"{name}").Order());
        Assert.Empty(exported.Warnings);
    }

    [Fact]
    public async Task Aliases_lead_to_their_cmdlets()
    {
        using var session = new PowerShellSession();
        var aliases = (await session.RunAsync(
            "'Build-ArchImage', 'Push-ArchImage', 'Pull-ArchImage', 'Inspect-FatManifest' | ForEach-Object { (Get-Command $_).ResolvedCommandName }")).WithoutErrors();
        Assert.Equal(["New-ArchImage", "Publish-ArchImage", "Receive-ArchImage", "Get-FatManifest"], aliases.Output.Select(name => $"{name}"));
    }

    [Fact]
    public async Task Importing_again_works()
    {
        using var session = new PowerShellSession();
        var again = await session.RunAsync(
            $"Import-Module '{Repository.ModuleManifest}' -Force; Import-Module '{Repository.ModuleManifest}' -Force; (Get-Command -Module MultiArchImage).Count");
        Assert.True((int)again.WithoutErrors().Output.Single().BaseObject >= 8);
    }

    [Fact]
    public async Task Third_party_assemblies_stay_out_of_the_default_context()
    {
        using var session = new PowerShellSession();
        await session.RunAsync("Get-ArchImage -DockerHost tcp://127.0.0.1:1");
        var contexts = AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => assembly.GetName().Name is "Docker.DotNet" or "Google.Protobuf" or "MultiArchImage.Building")
            .Select(AssemblyLoadContext.GetLoadContext).Distinct().ToList();
        Assert.Equal("MultiArchImage", Assert.Single(contexts)!.Name);
    }

    [Fact]
    public void Views_have_fixed_widths_and_none_sizes_itself()
    {
        var views = XDocument.Load(Path.Combine(Path.GetDirectoryName(Repository.ModuleManifest)!, "MultiArchImage.format.ps1xml"));
        Assert.Empty(views.Descendants("AutoSize"));
        foreach (var table in views.Descendants("TableHeaders"))
            Assert.All(table.Elements().SkipLast(1), column => Assert.NotNull(column.Element("Width")));
    }

    [Fact]
    public async Task Every_output_type_has_a_table_a_list_and_a_wide_view()
    {
        using var session = new PowerShellSession();
        var types = await session.RunAsync("(Get-Command -Module MultiArchImage -CommandType Cmdlet).OutputType.Name");
        var views = XDocument.Load(Path.Combine(Path.GetDirectoryName(Repository.ModuleManifest)!, "MultiArchImage.format.ps1xml"));
        Assert.All(types.Output.Select(type => $"{type}").Where(type => type.StartsWith("MultiArchImage", StringComparison.Ordinal)).Distinct(), type =>
            Assert.Equal(
                ["CustomControl", "ListControl", "TableControl", "WideControl"],
                views.Descendants("View").Where(view => view.Descendants("TypeName").Any(name => name.Value == type))
                    .Select(view => view.Elements().Last().Name.LocalName).Append("CustomControl").Distinct().Order()));
    }

    [Fact]
    public async Task Everything_that_changes_something_supports_WhatIf()
    {
        using var session = new PowerShellSession();
        var changing = await session.RunAsync(
            "Get-Command -Module MultiArchImage -CommandType Cmdlet | Where-Object { $_.Verb -notin 'Get', 'Test', 'Compare', 'Resolve', 'Import' -and -not $_.Parameters.ContainsKey('WhatIf') }");
        Assert.Empty(changing.WithoutErrors().Output);
    }
}
