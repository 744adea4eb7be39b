using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Host;

/// <summary>The Host as a process, as a person or a CI job calls it.</summary>
public sealed class HostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_command_prints_what_it_returns_as_a_table_without_escapes()
    {
        var result = await RunAsync("-NoProfile", "-Command", "'Grüße'; [pscustomobject]@{ Platform = 'linux/arm64'; Size = 3 }");

        Assert.Equal("Grüße\n\nPlatform    Size\n--------    ----\nlinux/arm64    3\n\n", result.Output);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("'fine'", 0)]
    [InlineData("throw 'bad'", 1)]
    [InlineData("Get-Nothing; 'goes on'", 0)]
    [InlineData("/bin/false", 0)]
    [InlineData("if (", 1)]
    public async Task The_exit_code_of_a_script_file_says_how_it_ended(string script, int exitCode)
    {
        var result = await RunAsync(_folder.Write("a script's.ps1", script));

        Assert.Equal(exitCode, result.ExitCode);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("throw 'bad'", 1)]
    [InlineData("'fine'", 0)]
    public async Task The_exit_code_of_a_command_says_how_it_ended(string command, int exitCode)
    {
        var result = await RunAsync("-c", command);

        Assert.Equal(exitCode, result.ExitCode);
    }

    [Fact]
    public async Task An_error_goes_to_standard_error_with_the_name_of_its_cmdlet()
    {
        var result = await RunAsync("-Command", "Import-Module ./nowhere.psd1; 'goes on'");

        Assert.StartsWith("Import-Module: The specified module './nowhere.psd1' was not loaded", result.Error, StringComparison.Ordinal);
        Assert.Equal("goes on\n", result.Output);
    }

    [Fact]
    public async Task An_error_of_a_script_names_its_file_and_line()
    {
        var result = await RunAsync(_folder.Write("build.ps1", "\n\nthrow 'no such image'"));

        Assert.Equal("build.ps1:3: no such image\n", result.Error);
    }

    [Fact]
    public async Task Warnings_and_verbose_text_carry_their_names()
    {
        var result = await RunAsync(
            "-Command", "function f { [CmdletBinding()] param() $PSCmdlet.WriteWarning('w'); $PSCmdlet.WriteVerbose('v') }; f -Verbose");

        Assert.Equal("WARNING: w\n", result.Error);
        Assert.Equal("VERBOSE: v\n", result.Output);
    }

    [Theory]
    [InlineData("Name=app Force=True N=3 Rest=more", "-Name:app", "-Force", "-N", "3", "more")]
    [InlineData("Name=app Force=False N=-4 Rest=", "app", "-Force:$false", "-N:-4")]
    [InlineData("Name=it's $x; & Force=False N=2 Rest=a b", "-Name", "it's $x; &", "-N", "2", "a b")]
    public async Task Arguments_are_bound_to_the_parameters_of_a_script(string expected, params string[] arguments)
    {
        var script = _folder.Write("bind.ps1", """
            param([string] $Name, [switch] $Force, [int] $N = 1, [Parameter(ValueFromRemainingArguments)] $Rest)
            "Name=$Name Force=$Force N=$N Rest=$Rest"
            """);

        var result = await RunAsync(["-NoLogo", "-File", script, .. arguments]);

        Assert.Equal(expected + "\n", result.Output);
    }

    [Fact]
    public async Task A_script_without_parameters_finds_its_arguments_in_args()
    {
        var result = await RunAsync(_folder.Write("args.ps1", "$args.Count; $args"), "one", "-5", "two words");

        Assert.Equal("3\none\n-5\ntwo words\n", result.Output);
    }

    [Fact]
    public async Task A_bad_argument_of_a_script_is_an_error()
    {
        var result = await RunAsync(_folder.Write("count.ps1", "param([int] $N) $N"), "-N", "x");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("parameter 'N'", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.ps1")]
    [InlineData("-Bogus")]
    [InlineData("-File")]
    [InlineData("-ExecutionPolicy", "Whatever")]
    public async Task Arguments_that_make_no_sense_are_told_in_one_line(params string[] arguments)
    {
        var result = await RunAsync(arguments);

        Assert.Equal(64, result.ExitCode);
        Assert.Contains(arguments[^1], Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Confirmation_without_a_terminal_is_an_error_and_nothing_is_done()
    {
        var script = _folder.Write("confirm.ps1", """
            function Remove-It { [CmdletBinding(SupportsShouldProcess)] param() if ($PSCmdlet.ShouldProcess('it', 'remove')) { 'removed' } }
            Remove-It -Confirm
            """);

        var result = await RunAsync(script);

        Assert.DoesNotContain("removed", result.Output, StringComparison.Ordinal);
        Assert.Contains("needs a person at a terminal", result.Error, StringComparison.Ordinal);
        Assert.Contains("-Confirm:$false", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_is_not_shown_where_there_is_no_terminal()
    {
        var result = await RunAsync("-c", "$Host.UI.WriteProgress(1, [System.Management.Automation.ProgressRecord]::new(1, 'a', 'b'))");

        Assert.Equal(("", ""), (result.Output, result.Error));
    }

    [Fact]
    public async Task The_module_is_found_by_its_name()
    {
        var result = await RunAsync("-c", "(Get-Module -ListAvailable MultiArchImage).Path");

        Assert.Equal(Repository.ModuleManifest + "\n", result.Output);
    }

    [Fact]
    public async Task An_interrupt_stops_the_script_and_lets_it_clean_up()
    {
        var ready = _folder["ready"];
        using var host = HostProcess.Start(_folder.Path, null, "-c", $$"""
            try { [IO.File]::WriteAllText('{{ready}}', ''); while ($true) { [Threading.Thread]::Sleep(20) } } finally { $Host.UI.WriteLine('cleaned up') }
            """);
        while (!File.Exists(ready))
            await Task.Delay(20, TestContext.Current.CancellationToken);
        host.Interrupt();

        var result = await host.WaitAsync();

        Assert.Equal((130, "cleaned up\n"), (result.ExitCode, result.Output));
    }

    private Task<HostResult> RunAsync(params string[] arguments) => HostProcess.RunAsync(_folder.Path, null, arguments);
}
