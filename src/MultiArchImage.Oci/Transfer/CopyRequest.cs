using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Transfer;

/// <summary>What is copied.</summary>
/// <param name="Reference">Its name. A digest in it goes before the tag, which then only says under which tag it arrives.</param>
/// <param name="Expected">What the tags of the destinations must hold for anything to be moved; null for whatever they hold.</param>
public sealed record CopySource(ImageReference Reference, Digest? Expected = null)
{
    /// <summary>What a name held before; its digest, where it has one, is what its tag must still hold.</summary>
    /// <param name="reference">The name.</param>
    /// <param name="previousDigest">What it held; null or empty where that is not known.</param>
    /// <exception cref="NoPreviousException">It is not known.</exception>
    public static CopySource Previous(ImageReference reference, string? previousDigest) => Digest.TryParse(previousDigest, out var previous)
        ? new CopySource(reference.WithDigest(previous), reference.Digest)
        : throw new NoPreviousException($"{reference.WithoutDigest()}") { Subject = $"{reference.WithoutDigest()}" };
}

/// <summary>How images are copied.</summary>
/// <param name="Destinations">
/// Where to: a place without tag, where the tag of the source is kept (its digest only, where it has no tag), or a whole name.
/// </param>
public sealed record CopyRequest(IReadOnlyList<ImageReference> Destinations)
{
    /// <summary>The platforms that are taken out of an index, with their attestations; empty for all.</summary>
    public IReadOnlyList<Platform> Platforms { get; init; } = [];

    /// <summary>Whether a tag that holds something else is an error.</summary>
    public bool NoClobber { get; init; }

    /// <summary>Whether signatures, SBOMs and attestations that refer to the content come with it.</summary>
    public bool IncludeReferrers { get; init; }

    /// <summary>Whether tags are moved without a look at what they hold, except where another option needs it.</summary>
    public bool Force { get; init; }
}
