using MultiArchImage.Host;

namespace MultiArchImage.Cmdlets.Tests.Host;

public sealed class HostArgumentsTests
{
    [Theory]
    [InlineData("script.ps1 one -Name two")]
    [InlineData("-File script.ps1 one -Name two")]
    [InlineData("-NoProfile -noni -f script.ps1 one -Name two")]
    [InlineData("-NoLogo -ExecutionPolicy Bypass -File script.ps1 one -Name two")]
    public void Everything_behind_the_file_belongs_to_the_script(string commandLine)
    {
        var arguments = HostArguments.Parse(commandLine.Split(' '));

        Assert.Equal(HostAction.Run, arguments.Action);
        Assert.Equal("script.ps1", arguments.File);
        Assert.Equal(["one", "-Name", "two"], arguments.ScriptArguments);
    }

    [Theory]
    [InlineData("-Command Get-Command -Name x")]
    [InlineData("-c Get-Command -Name x")]
    [InlineData("--command Get-Command -Name x")]
    public void Everything_behind_Command_is_the_command(string commandLine) =>
        Assert.Equal("Get-Command -Name x", HostArguments.Parse(commandLine.Split(' ')).Command);

    [Theory]
    [InlineData("-")]
    [InlineData("-File -")]
    [InlineData("-Command -")]
    public void A_dash_stands_for_standard_input(string commandLine) =>
        Assert.Equal(HostArguments.StandardInput, HostArguments.Parse(commandLine.Split(' ')).Command);

    [Theory]
    [InlineData("-Nonsense", "-Nonsense is unknown")]
    [InlineData("-n", "-n is unknown")]
    [InlineData("-File", "-File needs a script file")]
    [InlineData("-Command", "-Command needs a command")]
    [InlineData("-ExecutionPolicy", "-executionpolicy needs a value")]
    [InlineData("-ExecutionPolicy Sometimes", "Sometimes is no execution policy")]
    [InlineData("-NoExit", "-NoExit needs a shell")]
    public void A_command_line_that_cannot_be_followed_says_why(string commandLine, string reason) =>
        Assert.Contains(reason, Assert.Throws<UsageException>(() => HostArguments.Parse(commandLine.Split(' '))).Message);

    [Fact]
    public void Nothing_to_run_shows_the_usage() => Assert.Equal(HostAction.ShowHelp, HostArguments.Parse([]).Action);
}
