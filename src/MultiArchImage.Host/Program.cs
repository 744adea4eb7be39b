using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using MultiArchImage.Host;

HostArguments arguments;
try
{
    arguments = HostArguments.Parse(args);
}
catch (UsageException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    Console.Error.WriteLine(Usage.Text);
    return ExitCode.WrongUsage;
}

switch (arguments.Action)
{
    case HostAction.ShowVersion:
        Console.WriteLine($"MultiArchImage {ReleaseOf(typeof(ConsoleHost))}, PowerShell {ReleaseOf(typeof(PSObject))}");
        return ExitCode.Success;
    case HostAction.ShowHelp:
        Console.WriteLine(Usage.Text);
        return ExitCode.Success;
}

if (arguments.WorkingDirectory is { } folder)
    Environment.CurrentDirectory = folder;
if (arguments.File is { } file)
{
    if (!File.Exists(file))
    {
        Console.Error.WriteLine($"There is no script file {file}.");
        return ExitCode.WrongUsage;
    }
    // Windows knows no interpreters in first lines: there, pwsh takes no other name either.
    if (OperatingSystem.IsWindows() && !HostArguments.IsScriptName(file))
    {
        Console.Error.WriteLine($"The script file {file} has a name that does not end with .ps1.");
        return ExitCode.WrongUsage;
    }
}

// Before the engine starts: its threads take the one, and it reads the other once.
CultureInfo.DefaultThreadCurrentCulture = new EnglishCulture();
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
using var runner = new ScriptRunner(arguments);
// The first Ctrl+C stops the script in an orderly way; the second ends the process.
var stopping = false;
Console.CancelKeyPress += (_, pressed) => pressed.Cancel = !Interlocked.Exchange(ref stopping, true) && runner.Stop();
return runner.Run(arguments);

// The assembly's version without the commit that follows it: "7.6.9 SHA: …", "0.1.0+…".
static string ReleaseOf(Type type) =>
    type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split(' ', '+')[0];
