using MultiArchImage.Oci.Executables;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests.Verification;

/// <summary>All that was read of a fat manifest: what the checks look at. They ask nothing themselves.</summary>
/// <param name="Reference">The name.</param>
/// <param name="Entries">The entries in the order of the index.</param>
/// <param name="MissingBlobs">Configs and layers that were looked for and are not there.</param>
internal sealed record FatManifestSnapshot(ImageReference Reference, IReadOnlyList<EntrySnapshot> Entries, IReadOnlySet<Digest> MissingBlobs)
{
    /// <summary>The entries that a runtime can choose.</summary>
    public IEnumerable<EntrySnapshot> Images => Entries.Where(entry => entry.IsImage);

    /// <summary>A finding about the whole.</summary>
    public FatManifestFinding Find(FindingCode code, string message) => Findings.Make(Reference, code, message);

    /// <summary>A finding about an entry.</summary>
    public FatManifestFinding Find(FindingCode code, EntrySnapshot entry, string message) => Findings.Make(Reference, code, message) with
    {
        Platform = entry.Descriptor.Platform?.ToString() ?? "",
        Digest = entry.Descriptor.Digest.ToString(),
    };
}

/// <summary>What was read of an entry.</summary>
/// <param name="Descriptor">What the index says of it.</param>
internal sealed record EntrySnapshot(Descriptor Descriptor)
{
    /// <summary>Why its manifest could not be had; null where it could.</summary>
    public ImageException? Failure { get; init; }

    /// <summary>The true size of its manifest in bytes; null where it could not be had.</summary>
    public long? Size { get; init; }

    /// <summary>What its manifest is, as the store says; null where it could not be had.</summary>
    public string? MediaType { get; init; }

    /// <summary>Its manifest; null where it is no image manifest, or was only looked for.</summary>
    public ImageManifest? Image { get; init; }

    /// <summary>Its config; null where it has none that could be read.</summary>
    public ImageConfig? Config { get; init; }

    /// <summary>Why its config could not be had; null where it could, or was not asked for.</summary>
    public ImageException? ConfigFailure { get; init; }

    /// <summary>What the search for its first program came to; null where nobody searched.</summary>
    public ProgramSearch? Program { get; init; }

    /// <summary>What the architecture's own tag holds; null where nobody looked.</summary>
    public ArchTag? Tag { get; init; }

    /// <summary>Whether it is an image that a machine may run, as far as anybody can tell without its config.</summary>
    public bool IsImage => !Descriptor.IsAttestation && MediaTypes.IsImageManifest(MediaType ?? Descriptor.MediaType) && Image is not { IsImage: false };

    /// <summary>Blobs that must be there and were not read. Foreign layers need not be (image-spec: Non-Distributable Layers).</summary>
    public IEnumerable<Digest> UnseenBlobs =>
        from blob in Image?.Blobs ?? []
        where !MediaTypes.IsNonDistributable(blob.MediaType) && (Config is null || blob != Image!.Config)
        select blob.Digest;

    /// <summary>What people call it: its platform, or its digest where it has none.</summary>
    public string Name => Descriptor.Platform?.ToString() ?? Descriptor.Digest.Short;
}

/// <summary>The tag that an architecture's image has of its own.</summary>
/// <param name="Name">The name.</param>
/// <param name="Current">What it holds now; null where it is not there.</param>
/// <param name="HoldsEntry">Whether that is the entry's image, alone or in an index with its attestations.</param>
internal sealed record ArchTag(ImageReference Name, Digest? Current, bool HoldsEntry);
