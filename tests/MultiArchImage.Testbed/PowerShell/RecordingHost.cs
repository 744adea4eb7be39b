using System.Globalization;
using System.Management.Automation.Host;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>A host of 80 columns without colors that remembers what it was told to show, and has nobody to ask.</summary>
internal sealed class RecordingHost : PSHost
{
    private readonly RecordingUserInterface _userInterface = new();

    /// <summary>All that was shown.</summary>
    public string Text => _userInterface.Text;

    public override string Name => "MultiArchImage.Testbed";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _userInterface;

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override void SetShouldExit(int exitCode)
    {
    }

    public override void EnterNestedPrompt() => throw new NotSupportedException("A test has no nested prompt.");

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
