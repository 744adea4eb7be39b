using System.Globalization;
using System.Management.Automation.Host;

namespace MultiArchImage.Host;

/// <summary>The engine's view of this process: its console, its culture, and how a script ends it.</summary>
internal sealed class ConsoleHost(PSHostUserInterface userInterface) : PSHost
{
    /// <summary>What a script's <c>exit N</c> asked for; null while none did.</summary>
    public int? RequestedExitCode { get; private set; }

    public override string Name => "MultiArchImage.Host";

    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI { get; } = userInterface;

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode) => RequestedExitCode = exitCode;

    public override void EnterNestedPrompt() => throw Interaction.Unavailable("A nested prompt");

    public override void ExitNestedPrompt() => throw Interaction.Unavailable("A nested prompt");

    // Programs that a script starts write to the same console, which needs no preparation.
    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
