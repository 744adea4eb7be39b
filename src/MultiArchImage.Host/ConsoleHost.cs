using System.Globalization;
using System.Management.Automation.Host;

namespace MultiArchImage.Host;

/// <summary>The engine's view of this program: its name, its console, and where <c>exit</c> arrives.</summary>
internal sealed class ConsoleHost(ConsoleUserInterface userInterface) : PSHost
{
    /// <summary>What <c>exit</c> asked for in a command; null where it was not called.</summary>
    internal int? RequestedExitCode { get; private set; }

    public override string Name => "MultiArchImage.Host";

    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI => userInterface;

    public override void SetShouldExit(int exitCode) => RequestedExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("This host runs scripts and has no prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This host runs scripts and has no prompt.");

    /// <summary>A program that the script starts draws on the console itself: the progress line makes room for it.</summary>
    public override void NotifyBeginApplication() => userInterface.ClearProgress();

    public override void NotifyEndApplication()
    {
    }
}
