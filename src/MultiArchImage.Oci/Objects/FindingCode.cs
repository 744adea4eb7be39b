namespace MultiArchImage;

/// <summary>What a test of a fat manifest can find. The names are stable: scripts compare <see cref="FatManifestFinding.Code"/> with them.</summary>
public enum FindingCode
{
    /// <summary>The name is not there.</summary>
    NotFound,

    /// <summary>The name holds a single image.</summary>
    NotFatManifest,

    /// <summary>A document or config is malformed, or is not what its digest names.</summary>
    Unreadable,

    /// <summary>The fat manifest has no entry at all.</summary>
    Empty,

    /// <summary>The manifest of an entry is not there.</summary>
    EntryMissing,

    /// <summary>The manifest of an entry is of another size than the entry says.</summary>
    EntrySizeWrong,

    /// <summary>The manifest of an entry is of another media type than the entry says.</summary>
    EntryTypeWrong,

    /// <summary>The store sends other bytes than the entry's digest names.</summary>
    EntryDigestWrong,

    /// <summary>An entry is an index itself, which engines do not follow.</summary>
    NestedIndex,

    /// <summary>A warning: an entry is of a media type that no engine runs (an artifact, a schema 1 image); it is passed over by them.</summary>
    NotImage,

    /// <summary>The entry of an image says no platform.</summary>
    PlatformMissing,

    /// <summary>The config says another platform than the entry.</summary>
    PlatformUntrue,

    /// <summary>What the image runs first is a program for another machine than its config says.</summary>
    ProgramMismatch,

    /// <summary>A warning: what the image runs first could not be looked at.</summary>
    ProgramUnseen,

    /// <summary>Two entries are for one platform.</summary>
    PlatformTwice,

    /// <summary>An entry for <c>unknown/unknown</c> is no attestation.</summary>
    UnknownPlatform,

    /// <summary>A warning: an attestation is about an image that is no entry.</summary>
    AttestationOrphan,

    /// <summary>A config or layer is not there.</summary>
    BlobMissing,

    /// <summary>A warning: images for two platforms have the same layers.</summary>
    SameLayers,

    /// <summary>A platform that was required has no entry.</summary>
    RequiredPlatformMissing,

    /// <summary>A label that all images should share differs, or an image lacks it.</summary>
    BuildsDiffer,

    /// <summary>An image is older than allowed, or does not say how old it is.</summary>
    TooOld,

    /// <summary>An image is larger than allowed.</summary>
    TooLarge,

    /// <summary>The architecture's own tag holds another image than the entry.</summary>
    Stale,

    /// <summary>A warning: the architecture has no tag of its own.</summary>
    ArchTagMissing,
}
