using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Host;

/// <summary>The Host as its users meet it: a process with arguments, streams and an exit code.</summary>
public sealed class HostProcessTests : IDisposable
{
    private readonly HostProcess _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_command_prints_its_output_as_tables_of_80_columns_without_colors()
    {
        var result = await _host.RunAsync("-Command", "$Host.UI.RawUI.WindowSize.Width; [pscustomobject]@{ Name = 'busybox'; Size = 12 }");

        Assert.Equal(
            ["80", "", "Name    Size", "----    ----", "busybox   12"],
            result.Output.TrimEnd().Split('\n').Select(line => line.TrimEnd()));
        Assert.Empty(result.Error);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_script_gets_its_arguments_by_name_by_position_and_as_args()
    {
        _host.Home.Write("script.ps1", """
            param([string] $Name, [int] $Count, [switch] $Loud, [switch] $Quiet)
            "$Name|$Count|$Loud|$Quiet|$($args -join ',')|$([IO.Path]::GetFileName($PSScriptRoot))"
            """);

        var result = await _host.RunAsync("script.ps1", "-Count", "3", "it's $me", "-Loud", "-Quiet:$false", "rest", "of;it");

        Assert.Equal($"it's $me|3|True|False|rest,of;it|{Path.GetFileName(_host.Home.Path)}", result.Output.TrimEnd());
    }

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("'a table'; [pscustomobject]@{ A = 1 }; exit 7", 7)]
    [InlineData("throw 'broken'", 1)]
    [InlineData("Get-Command no-such-command; 'went on'", 0)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Command no-such-command; 'went on'", 1)]
    [InlineData("dotnet --no-such-option; 'went on'", 0)]
    [InlineData("param(", 1)]
    public async Task The_exit_code_of_a_script_file_is_that_of_pwsh(string script, int exitCode)
    {
        _host.Home.Write("script.ps1", script);

        Assert.Equal(exitCode, (await _host.RunAsync("-File", "script.ps1")).ExitCode);
    }

    [Theory]
    [Needs(Part.UnixProcesses)]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("throw 'broken'", 1)]
    [InlineData("Get-Command no-such-command", 0)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Command no-such-command; 'went on'", 1)]
    [InlineData("dotnet --no-such-option", 0)]
    [InlineData("param(", 1)]
    public async Task A_script_whose_first_line_names_the_Host_may_have_any_name(string script, int exitCode)
    {
        _host.Home.Write("jenkins1234.sh", $"#!{HostProcess.Program}\nparam([string] $Name, [switch] $Loud)\n\"$Name|$Loud\"\n{script}");

        var result = await _host.RunProgramAsync(["env", "-S", HostProcess.Program, "-NoProfile", "-NonInteractive", "jenkins1234.sh", "-Name", "it's me", "-Loud"]);

        Assert.Equal(exitCode, result.ExitCode);
        if (script != "param(")
            Assert.StartsWith("it's me|True", result.Output);
    }

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("Get-Command no-such-command", 1)]
    [InlineData("Get-Command no-such-command; 'went on'", 0)]
    [InlineData("throw 'broken'", 1)]
    public async Task The_exit_code_of_a_command_is_that_of_pwsh(string command, int exitCode) =>
        Assert.Equal(exitCode, (await _host.RunAsync("-Command", command)).ExitCode);

    [Fact]
    public async Task What_a_script_printed_before_exit_is_not_lost()
    {
        _host.Home.Write("script.ps1", "[pscustomobject]@{ Late = 'table' }; exit 3");

        Assert.Contains("table", (await _host.RunAsync("script.ps1")).Output);
    }

    [Fact]
    public async Task Errors_go_to_standard_error_and_all_other_streams_to_standard_output()
    {
        var result = await _host.RunAsync("-Command", """
            & { [CmdletBinding()] param() $PSCmdlet.WriteWarning('w'); $PSCmdlet.WriteVerbose('v'); $PSCmdlet.WriteInformation('i', @()) } -Verbose -InformationAction Continue
            Get-Command no-such-command
            throw 'at last'
            """);

        Assert.Equal(["WARNING: w", "VERBOSE: v", "i"], result.Output.TrimEnd().Split('\n').Select(line => line.TrimEnd()));
        Assert.Contains("no-such-command", result.Error);
        Assert.Contains("at last", result.Error);
        Assert.DoesNotContain('\u001b', result.Error);
    }

    [Fact]
    public async Task Progress_leaves_no_trace_where_standard_error_is_no_terminal()
    {
        var result = await _host.RunAsync("-Command", """
            & { [CmdletBinding()] param() $PSCmdlet.WriteProgress([Management.Automation.ProgressRecord]::new(1, 'Pushing', 'layer')) }
            """);

        Assert.Equal(("", "", 0), (result.Output, result.Error, result.ExitCode));
    }

    [Theory]
    [InlineData("& { [CmdletBinding(SupportsShouldProcess)] param() $PSCmdlet.ShouldProcess('x', 'y') } -Confirm")]
    [InlineData("& { param([Parameter(Mandatory)] $Missing) $Missing }")]
    [InlineData("$Host.UI.ReadLine()")]
    public async Task A_question_that_nobody_can_answer_is_an_error(string command)
    {
        var result = await _host.RunAsync("-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; {command}");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("this run cannot ask", result.Error);
    }

    [Fact]
    public async Task A_script_comes_from_standard_input()
    {
        _host.Input = "'from the input'";

        Assert.Equal("from the input", (await _host.RunAsync("-")).Output.TrimEnd());
    }

    [Fact]
    public async Task A_script_file_that_is_not_there_is_a_wrong_command_line()
    {
        var result = await _host.RunAsync("nowhere.ps1");

        Assert.Equal(64, result.ExitCode);
        Assert.Contains("There is no script file nowhere.ps1", result.Error);
    }

    [Fact]
    public async Task The_module_is_found_without_being_installed()
    {
        var result = await _host.RunAsync("-Command", "(Get-Command New-FatManifest).Module.ModuleBase; (Get-Module -ListAvailable MultiArchImage).ModuleBase");

        Assert.Equal([HostProcess.ModuleFolder, HostProcess.ModuleFolder], result.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    [Needs(Part.UnixProcesses)]
    public async Task An_interrupt_stops_the_script_and_runs_its_finally_block()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var process = _host.Start("-Command", "try { 'started'; while ($true) { } } finally { $Host.UI.WriteLine('tidied') }");
        try
        {
            Assert.Equal("started", await process.StandardOutput.ReadLineAsync(limit.Token));
            await Tool.RunAsync("kill", "-INT", $"{process.Id}");

            Assert.Equal("tidied", await process.StandardOutput.ReadLineAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(130, process.ExitCode);
        }
        finally
        {
            process.Kill();
        }
    }
}
