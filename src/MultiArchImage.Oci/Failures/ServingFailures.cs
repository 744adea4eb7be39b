using System.Globalization;

namespace MultiArchImage;

/// <summary>A registry cannot be started where something else listens.</summary>
public sealed class PortInUseException(int port, Exception? innerException = null)
    : ImageException(
        string.Create(CultureInfo.InvariantCulture, $"port {port} of this machine is in use, or may not be used"),
        "stop what listens there (a registry of this session: Stop-ArchRegistry), or leave -Port out for a free one", innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;
}
