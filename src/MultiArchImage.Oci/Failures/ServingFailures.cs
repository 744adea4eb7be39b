using System.Globalization;

namespace MultiArchImage;

/// <summary>A registry cannot be started where something else listens.</summary>
public sealed class PortInUseException(int port)
    : ImageException(
        string.Create(CultureInfo.InvariantCulture, $"port {port} of this machine is in use, or may not be used"),
        "stop what listens there (a registry of this session: Stop-ArchRegistry), or leave -Port out for a free one")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;
}

/// <summary>A folder cannot be that of a registry.</summary>
public sealed class UnservableFolderException(string path, string reason, string remedy, Exception? innerException = null)
    : ImageException($"{path} cannot be served as a registry: {reason}", remedy, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>A registry is to be stopped that this process does not serve.</summary>
public sealed class RegistryNotServedException(string registry, IReadOnlyList<string> served)
    : ImageException(
        $"this process serves no registry {registry}",
        served.Count == 0 ? "Start-ArchRegistry starts one" : $"it serves {string.Join(", ", served)}")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}
