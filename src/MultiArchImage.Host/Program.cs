using System.Text;
using MultiArchImage.Host;

// The engine reads this once, when it starts.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
try
{
    return CommandLine.Parse(args) switch
    {
        { Action: HostAction.Help } => Usage.Print(Console.Out),
        { Action: HostAction.Version } => Usage.PrintVersion(Console.Out),
        var commandLine => ScriptRunner.Run(commandLine),
    };
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitCode.BadCommandLine;
}
