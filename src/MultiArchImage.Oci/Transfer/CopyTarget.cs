using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>A name that a copy gets.</summary>
/// <param name="Name">The name; without a tag, the content goes there by its digest only.</param>
/// <param name="Held">What the tag holds now; null where it holds nothing, or nobody looked.</param>
public sealed record CopyName(ImageReference Name, Digest? Held);

/// <summary>What happens at one place that an image or fat manifest is copied to.</summary>
public sealed record CopyTarget
{
    /// <summary>The place.</summary>
    public required IImageStore Store { get; init; }

    /// <summary>The names it gets there.</summary>
    public required IReadOnlyList<CopyName> Names { get; init; }

    /// <summary>Whether the content, other than the document itself, has to be brought there.</summary>
    public required bool NeedsContent { get; init; }

    /// <summary>Where the registry has the blobs too, because an earlier destination of the same registry got them; null for nowhere else.</summary>
    public ImageReference? MountFrom { get; init; }

    /// <summary>Documents that refer to the content, and go there before its tags move.</summary>
    public IReadOnlyList<ContentTree> Referrers { get; init; } = [];

    /// <summary>Tags by which referrers are found there.</summary>
    public IReadOnlyList<TagMove> ReferrerTags { get; init; } = [];

    /// <summary>What it takes.</summary>
    public required CopyCost Cost { get; init; }
}
