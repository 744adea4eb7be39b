using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>What a user asks to be copied.</summary>
/// <param name="Source">The name; with a digest, that decides, and the tag only names.</param>
/// <param name="Destinations">Repositories, layouts and archives, where the tag is kept, or whole names.</param>
public sealed record CopyRequest(ImageReference Source, IReadOnlyList<ImageReference> Destinations)
{
    /// <summary>The platforms that are taken out of a fat manifest; none for all.</summary>
    public IReadOnlyList<Platform> Platforms { get; init; } = [];

    /// <summary>Whether signatures, SBOMs and attestations that refer to the image come along.</summary>
    public bool IncludesReferrers { get; init; }

    /// <summary>Whether a tag that holds something else is left alone.</summary>
    public bool NoClobber { get; init; }

    /// <summary>What the destination's tag must hold for anything to be changed; null for anything.</summary>
    public Digest? Expected { get; init; }

    /// <summary>Whether the tag is moved without a look at what it holds.</summary>
    public bool Force { get; init; }
}
