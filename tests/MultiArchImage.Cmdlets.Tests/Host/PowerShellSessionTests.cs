using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Host;

/// <summary>The testbed's own session does what tests trust it to do.</summary>
public sealed class PowerShellSessionTests
{
    [Fact]
    public async Task Streams_are_kept_apart()
    {
        using var session = new PowerShellSession(withModule: false);

        var result = await session.RunAsync("""
            function f { [CmdletBinding()] param() $PSCmdlet.WriteWarning('w'); $PSCmdlet.WriteVerbose('v'); $x * 2 }
            f -Verbose; Get-Nothing; throw 'end'
            """, ("x", 21));

        Assert.Equal(42, Assert.Single(result.Output).BaseObject);
        Assert.Equal(["w"], result.Warnings);
        Assert.Equal(["v"], result.Verbose);
        Assert.StartsWith("CommandNotFoundException", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("end", result.TerminatingError?.Exception.Message);
    }

    [Fact]
    public async Task Objects_are_rendered_for_80_columns()
    {
        using var session = new PowerShellSession(withModule: false);
        var result = await session.RunAsync("[pscustomobject]@{ Name = 'a' * 200; Size = 1 }");

        var text = await session.RenderAsync(result.Output);

        Assert.Contains("Name", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task Several_sessions_run_and_stop_on_their_own()
    {
        using var endless = new PowerShellSession(withModule: false);
        using var quick = new PowerShellSession(withModule: false);
        var running = endless.RunAsync("while ($true) { [Threading.Thread]::Sleep(10) }");

        Assert.Equal(2, (await quick.RunAsync("1 + 1")).Output[0].BaseObject);
        await endless.StopAsync();

        Assert.True((await running).WasStopped);
    }
}
