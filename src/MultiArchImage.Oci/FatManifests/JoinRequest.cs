using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>What a user asks of a fat manifest that is to be made.</summary>
public sealed record JoinRequest
{
    /// <summary>Its name; null where it follows from the images' names.</summary>
    public ImageReference? Name { get; init; }

    /// <summary>Tags that it gets, in place of the one that follows from the images' names, or beside that of <see cref="Name"/>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Platforms without which nothing is pushed.</summary>
    public IReadOnlyList<Platform> RequiredPlatforms { get; init; } = [];

    /// <summary>The kind of document.</summary>
    public FatManifestFormat Format { get; init; }

    /// <summary>Annotations of the index.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether of two images for one platform the last one wins.</summary>
    public bool Replace { get; init; }

    /// <summary>Whether it is pushed without a look at what the name holds now.</summary>
    public bool Force { get; init; }

    /// <summary>Whether sources that are not there are left out, with a warning.</summary>
    public bool IgnoreMissing { get; init; }
}
