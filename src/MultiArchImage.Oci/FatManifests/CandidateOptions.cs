using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>What of the sources is taken, and what is to be known of it.</summary>
internal sealed record CandidateOptions
{
    /// <summary>The platforms that are taken out of indexes; none for all.</summary>
    public IReadOnlyList<Platform> Picked { get; init; } = [];

    /// <summary>Platforms that the user states.</summary>
    public PlatformMap Platforms { get; init; } = PlatformMap.Empty;

    /// <summary>Whether a platform that the config contradicts is taken all the same.</summary>
    public bool AllowsMismatch { get; init; }

    /// <summary>Whether provenance and SBOMs are left out.</summary>
    public bool LeavesAttestationsOut { get; init; }

    /// <summary>Whether manifests and configs are read that would not be otherwise.</summary>
    public bool NeedsContent { get; init; }
}
