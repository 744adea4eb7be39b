using System.Management.Automation;
using System.Management.Automation.Host;

namespace MultiArchImage.Host;

/// <summary>Whether somebody can be asked, and the failure where nobody can.</summary>
internal sealed record Interaction(bool IsPossible)
{
    /// <summary>Questions need a person: a terminal on both sides, and no <c>-NonInteractive</c>.</summary>
    public static Interaction For(CommandLine commandLine) =>
        new(!commandLine.NonInteractive && !Console.IsInputRedirected && !Console.IsOutputRedirected);

    public static HostException Unavailable(string what) =>
        new($"{what} needs a person at a terminal, and this session has none; use -Confirm:$false or give the value as a parameter.",
            null, "NonInteractive", ErrorCategory.InvalidOperation);

    /// <exception cref="HostException">Nobody can be asked.</exception>
    public void Require(string what)
    {
        if (!IsPossible)
            throw Unavailable(what);
    }
}
