using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Host;

/// <summary>The engine in the test's process: what tests of the cmdlets stand on.</summary>
public sealed class PowerShellSessionTests
{
    [Fact]
    public async Task A_script_leaves_objects_and_streams()
    {
        using var session = new PowerShellSession(importModule: false);

        var result = await session.RunAsync(
            "[pscustomobject]@{ Value = $given }; & { [CmdletBinding()] param() $PSCmdlet.WriteWarning('w') }; Get-Command no-such-command; throw 'last'",
            new Dictionary<string, object?> { ["given"] = 5 });

        Assert.Equal([5], result.Values("Value"));
        Assert.Equal(["w"], result.Warnings);
        Assert.Equal("CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand", Assert.Single(result.Errors).FullyQualifiedErrorId);
        Assert.Equal("last", result.TerminatingError?.Exception.Message);
    }

    [Fact]
    public async Task A_script_is_shown_at_80_columns()
    {
        using var session = new PowerShellSession(importModule: false);

        Assert.Contains("A\n-\n1", await session.ShowAsync("[pscustomobject]@{ A = 1 }"));
    }

    [Fact]
    public async Task Each_session_has_its_own_location()
    {
        using var folder = new TemporaryFolder();
        using var session = new PowerShellSession(importModule: false) { Location = folder.Path };

        Assert.Equal(folder.Path, (await session.RunAsync("$PWD.Path")).WithoutErrors().Output.Single().ToString());
    }

    [Fact]
    public async Task A_running_script_can_be_stopped()
    {
        using var session = new PowerShellSession(importModule: false);

        var running = session.RunAsync("while ($true) { }");
        await session.StopAsync();

        Assert.True((await running).WasStopped);
    }

    [Fact]
    public async Task The_staged_module_is_imported()
    {
        using var session = new PowerShellSession();

        Assert.Equal(["MultiArchImage"], (await session.RunAsync("Get-Module MultiArchImage")).WithoutErrors().Values("Name"));
    }
}
