using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests.Updating;

/// <summary>What a user asks to be changed of a fat manifest.</summary>
/// <param name="Name">Its name; a digest in it is not allowed, for what a digest names cannot change.</param>
public sealed record UpdateRequest(ImageReference Name)
{
    /// <summary>Images that take the place of the entries of their platforms.</summary>
    public IReadOnlyList<JoinSource> Images { get; init; } = [];

    /// <summary>
    /// The names of all the images that there shall be: those that the tags of architectures hold take the place of everything, instead of
    /// <see cref="Images"/>. Null where single images are named.
    /// </summary>
    public TagTemplate? Template { get; init; }

    /// <summary>The platforms whose names of <see cref="Template"/> are looked at; none for all that have a tag.</summary>
    public IReadOnlyList<Platform> Platforms { get; init; } = [];

    /// <summary>Whether the first program of each image must be one of the image's platform; layers are read as far as that takes.</summary>
    public bool Deep { get; init; }

    /// <summary>Platforms whose entries go; each must be there.</summary>
    public IReadOnlyList<Platform> Removed { get; init; } = [];

    /// <summary>Annotations of the index that are set beside those that it has.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>What the name must hold for anything to be changed; null for anything.</summary>
    public Digest? IfDigest { get; init; }

    /// <summary>Whether nothing is asked for.</summary>
    internal bool IsEmpty => Images.Count + Removed.Count + Annotations.Count == 0 || (Template is not null && Images.Count == 0);
}
