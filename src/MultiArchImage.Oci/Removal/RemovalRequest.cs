using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Removal;

/// <summary>What is to be removed.</summary>
/// <param name="Reference">A tag, or a digest.</param>
public sealed record RemovalRequest(ImageReference Reference)
{
    /// <summary>Whether what the tag holds goes too, with the images and attestations of a fat manifest, where nothing else needs them.</summary>
    public bool Recurse { get; init; }

    /// <summary>Whether a digest goes although a tag or a fat manifest needs it.</summary>
    public bool Force { get; init; }
}
