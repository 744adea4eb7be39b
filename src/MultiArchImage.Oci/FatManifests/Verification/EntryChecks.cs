using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.FatManifests.Verification;

/// <summary>Is each entry there, whole, and what the index says?</summary>
internal static class EntryChecks
{
    /// <summary>An index of nothing is well-formed, and nobody can pull it.</summary>
    public static IEnumerable<FatManifestFinding> AreAny(FatManifestSnapshot fat) =>
        fat.Entries.Count == 0 ? [fat.Find(FindingCode.Empty, $"{fat.Reference} has no entry")] : [];

    /// <summary>Manifests and configs that could not be had.</summary>
    public static IEnumerable<FatManifestFinding> AreReadable(FatManifestSnapshot fat)
    {
        foreach (var entry in fat.Entries)
        {
            if (entry.Failure is { } failure)
                yield return fat.Find(Findings.CodeOf(failure, FindingCode.EntryMissing, FindingCode.EntryDigestWrong), entry, failure.Message);
            // A missing config is told with the other blobs where those were looked for.
            if (entry.ConfigFailure is { } config && !fat.MissingBlobs.Contains(entry.Image!.Config.Digest))
                yield return fat.Find(Findings.CodeOf(config, FindingCode.BlobMissing, FindingCode.Unreadable), entry, config.Message);
        }
    }

    /// <summary>Manifests of another size than their entries say; engines refuse to pull those.</summary>
    public static IEnumerable<FatManifestFinding> HaveTheirSize(FatManifestSnapshot fat) =>
        from entry in fat.Entries
        where entry.Size is { } size && size != entry.Descriptor.Size
        select fat.Find(FindingCode.EntrySizeWrong, entry, $"the entry for {entry.Name} says {entry.Descriptor.Size} bytes, its manifest has {entry.Size}");

    /// <summary>Manifests of another type than their entries say; engines choose by what the entry says. A hidden index is told as one.</summary>
    public static IEnumerable<FatManifestFinding> HaveTheirType(FatManifestSnapshot fat) =>
        from entry in fat.Entries
        where entry.MediaType is { } type && type != entry.Descriptor.MediaType && !MediaTypes.IsIndex(type)
        select fat.Find(FindingCode.EntryTypeWrong, entry, $"the entry for {entry.Name} says that it is '{entry.Descriptor.MediaType}', its manifest is '{entry.MediaType}'");

    /// <summary>Entries that are no images. Runtimes do not follow a nested index, and pass over types they do not know (image-spec: Image Index).</summary>
    public static IEnumerable<FatManifestFinding> AreImages(FatManifestSnapshot fat)
    {
        foreach (var entry in fat.Entries.Where(entry => !entry.Descriptor.IsAttestation && !entry.IsImage))
        {
            var mediaType = entry.MediaType ?? entry.Descriptor.MediaType;
            yield return MediaTypes.IsIndex(mediaType)
                ? fat.Find(FindingCode.NestedIndex, entry, $"the entry {entry.Descriptor.Digest.Short} is an index itself; most engines cannot pull it")
                : fat.Find(FindingCode.NotImage, entry, $"the entry {entry.Descriptor.Digest.Short} is no image but '{entry.Image?.Config.MediaType ?? mediaType}'");
        }
    }

    /// <summary>Blobs that were looked for and are not there.</summary>
    public static IEnumerable<FatManifestFinding> HaveTheirBlobs(FatManifestSnapshot fat) =>
        from entry in fat.Entries
        from blob in entry.Image?.Blobs ?? []
        where fat.MissingBlobs.Contains(blob.Digest)
        select fat.Find(FindingCode.BlobMissing, entry, $"the blob {blob.Digest} of {entry.Name} is not there");

    /// <summary>Attestations of images that are not here, left behind when their image was replaced.</summary>
    public static IEnumerable<FatManifestFinding> AttestImages(FatManifestSnapshot fat)
    {
        var images = fat.Images.Select(entry => entry.Descriptor.Digest).ToHashSet();
        return from entry in fat.Entries
               where entry.Descriptor.IsAttestation && (entry.Descriptor.AttestedDigest is not { } attested || !images.Contains(attested))
               select fat.Find(
                   FindingCode.AttestationOrphan, entry,
                   $"the attestation {entry.Descriptor.Digest.Short} is about {entry.Descriptor.AttestedDigest?.Short ?? "nothing"}, which is no entry");
    }
}
