using MultiArchImage.Oci.Registry.Mirrors;
using MultiArchImage.Oci.Registry.Trust;

namespace MultiArchImage.Oci.Registry;

/// <summary>How a registry is spoken to.</summary>
public sealed record RegistryOptions
{
    /// <summary>Whether plain HTTP is spoken to registries that are not on this machine.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Whether something will be pushed, so that the first token asked for allows it and none is asked for twice.</summary>
    public bool WillPush { get; init; }

    /// <summary>How long to wait for an answer, or for the next bytes of a body.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How often a request is tried again after a fault that may pass.</summary>
    public int MaximumRetryCount { get; init; } = 6;

    /// <summary>How many requests may be under way at a time.</summary>
    public int ThrottleLimit { get; init; } = 16;

    /// <summary>Where certificates of registries are kept.</summary>
    public CertificateFolders Certificates { get; init; } = CertificateFolders.OfProcess();

    /// <summary>Where else what registries have is read.</summary>
    public MirrorList Mirrors { get; init; } = MirrorList.Empty;

    /// <summary>The folder that remembers which repositories of registries have which blobs (<see cref="Uploads.LocationFolder"/>); null for none.</summary>
    public string? BlobLocations { get; init; }
}
