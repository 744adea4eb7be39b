using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>What a user asks of a fat manifest that is to be made.</summary>
public sealed record JoinRequest
{
    /// <summary>Its name; null where it follows from the images' names.</summary>
    public ImageReference? Name { get; init; }

    /// <summary>More names that the same images are to have, also in other repositories and registries.</summary>
    public IReadOnlyList<ImageReference> OtherNames { get; init; } = [];

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

    /// <summary>What all entries must have the same of: <c>Revision</c>, <c>Version</c>, or the names of labels.</summary>
    public IReadOnlyList<string> RequiredSame { get; init; } = [];

    /// <summary>The digest that it must come to; null for any.</summary>
    public Digest? ExpectedDigest { get; init; }

    /// <summary>The platforms that are taken out of sources that are indexes; none for all.</summary>
    public IReadOnlyList<Platform> PickedPlatforms { get; init; } = [];

    /// <summary>Platforms that the user states for single images.</summary>
    public PlatformMap Platforms { get; init; } = PlatformMap.Empty;

    /// <summary>The platform whose images have the fat manifest's own name, without an architecture; null for none.</summary>
    public Platform? UnmarkedPlatform { get; init; }

    /// <summary>Whether an image is joined although its config contradicts its name or what the user states.</summary>
    public bool AllowPlatformMismatch { get; init; }

    /// <summary>Whether the first program of each image must be one of the image's platform; layers are read as far as that takes.</summary>
    public bool Deep { get; init; }

    /// <summary>Whether provenance and SBOMs of sources are left out.</summary>
    public bool NoAttestation { get; init; }

    /// <summary>Annotations of entries, by platform.</summary>
    public IReadOnlyDictionary<Platform, IReadOnlyDictionary<string, string>> EntryAnnotations { get; init; } =
        new Dictionary<Platform, IReadOnlyDictionary<string, string>>();

    /// <summary>The manifest that it is about; null for none.</summary>
    public JoinSubject? Subject { get; init; }

    /// <summary>The kind of artifact that it is; null for images.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>The tag that keeps what each tag held before, with <c>{tag}</c> and <c>{digest}</c> filled in; null for none.</summary>
    public string? KeepPreviousAs { get; init; }

    /// <summary>Whether what the tags hold now must be known.</summary>
    internal bool NeedsPrevious => !Force || KeepPreviousAs is not null;

    /// <summary>A request for each name that is given; this one where none is.</summary>
    internal IEnumerable<JoinRequest> ForEachName() =>
        OtherNames.Select(name => this with { Name = name, OtherNames = [] }).Prepend(this with { OtherNames = [] });

    internal CandidateOptions ToOptions() => new()
    {
        Picked = PickedPlatforms,
        Platforms = Platforms,
        AllowsMismatch = AllowPlatformMismatch,
        LeavesAttestationsOut = NoAttestation,
        NeedsContent = RequiredSame.Count > 0 || Deep,
    };
}
