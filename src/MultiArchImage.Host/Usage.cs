using System.Management.Automation;
using System.Reflection;

namespace MultiArchImage.Host;

/// <summary>How the Host is called, and which Host it is.</summary>
internal static class Usage
{
    private const string Text = """
        Runs PowerShell scripts with the MultiArchImage module, on machines without PowerShell.

        Usage: MultiArchImage.Host [options] [-File] SCRIPT [arguments]
               MultiArchImage.Host [options] -Command TEXT

          -File SCRIPT          run a script file; what follows is bound to its parameters
          -Command, -c TEXT     run text; a lone dash reads it from standard input
          -NonInteractive       never ask
          -ExecutionPolicy X    which scripts Windows may run (default: RemoteSigned)
          -NoProfile, -NoLogo   accepted, as there is neither
          -Version, -Help

        The exit code is that of the script's 'exit N', 1 after a terminating error, else 0.
        Only the commands of Microsoft.PowerShell.Core and of MultiArchImage are there.
        """;

    public static int Print(TextWriter output)
    {
        output.WriteLine(Text);
        return ExitCode.Success;
    }

    public static int PrintVersion(TextWriter output)
    {
        output.WriteLine($"MultiArchImage.Host {Version(typeof(Usage))}, PowerShell {Version(typeof(PSObject))}");
        return ExitCode.Success;
    }

    /// <summary>The version of a type's assembly without the commit after a plus or a blank.</summary>
    public static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', ' ')[0];
}
