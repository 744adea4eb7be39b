namespace MultiArchImage.Host;

/// <summary>What <c>-Help</c> prints.</summary>
internal static class Usage
{
    internal const string Text = """
        Runs PowerShell scripts with the MultiArchImage module, on machines without PowerShell.

        Usage: MultiArchImage.Host [-File] FILE [ARGUMENT...]     runs a script file; - reads the script from standard input
               MultiArchImage.Host -Command TEXT                  runs a command; - reads it from standard input
               MultiArchImage.Host -Version | -Help

        -NonInteractive            fail instead of asking
        -WorkingDirectory FOLDER   start there
        -ExecutionPolicy POLICY    for this process; counts on Windows only
        -NoProfile, -NoLogo        accepted as pwsh accepts them; there is no profile and no logo

        The exit code is the script's own, 1 after a terminating error, 64 for a wrong command line, 130 after Ctrl+C.
        The engine is PowerShell's own with the commands of Microsoft.PowerShell.Core; pwsh has all others too.
        """;
}
