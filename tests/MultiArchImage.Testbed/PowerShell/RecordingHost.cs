using System.Globalization;
using System.Management.Automation.Host;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>A host whose console is a text of 80 columns.</summary>
internal sealed class RecordingHost : PSHost
{
    internal RecordingUserInterface UserInterface { get; } = new();

    public override string Name => "MultiArchImage.Testbed";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override PSHostUserInterface UI => UserInterface;

    public override void SetShouldExit(int exitCode)
    {
    }

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
