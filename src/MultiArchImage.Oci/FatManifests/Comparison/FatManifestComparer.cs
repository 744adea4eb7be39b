using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests.Comparison;

/// <summary>
/// Compares fat manifests platform by platform. Asks for no more than is not known: an index that came as an object is not read again, and only
/// images that changed are looked into.
/// </summary>
public sealed class FatManifestComparer(ImageStores stores)
{
    /// <summary>What differs, the index itself first, then by platform; also what is the same, so marked.</summary>
    /// <param name="reference">The first; one without entries is read by its name.</param>
    /// <param name="difference">The second.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="ManifestNotFoundException">A name is not there.</exception>
    /// <exception cref="NotFatManifestException">A name holds a single image.</exception>
    public async IAsyncEnumerable<FatManifestDifference> CompareAsync(
        FatManifest reference, FatManifest difference, [EnumeratorCancellation] CancellationToken cancel)
    {
        var both = await Task.WhenAll(KnowAsync(reference, cancel), KnowAsync(difference, cancel)).ConfigureAwait(false);
        var (before, after) = (both[0], both[1]);
        var compared = await Task.WhenAll(EntryPair.Of(before, after).Select(pair => CompareAsync(pair, before, after, cancel))).ConfigureAwait(false);
        yield return CompareIndexes(before, after, compared.All(result => result.IsSame));
        foreach (var result in compared)
            yield return result;
    }

    private async Task<FatManifest> KnowAsync(FatManifest manifest, CancellationToken cancel) => manifest.Entries.Count > 0
        ? manifest
        : await new FatManifestReader(stores).ReadAsync(
            Digest.TryParse(manifest.Digest, out var digest) ? Name(manifest).WithDigest(digest) : Name(manifest).OrLatest(), cancel).ConfigureAwait(false);

    private async Task<FatManifestDifference> CompareAsync(EntryPair pair, FatManifest before, FatManifest after, CancellationToken cancel)
    {
        var difference = pair.ToDifference();
        if (pair is not { Before: { } old, After: { } now } || old.Digest == now.Digest)
            return difference;
        var contents = await Task.WhenAll(ReadAsync(before, old, cancel), ReadAsync(after, now, cancel)).ConfigureAwait(false);
        return contents is [{ } first, { } second]
            ? ContentComparison.Describe(difference, first, second)
            : difference with { Changes = [$"{(contents[0] is null ? Short(before, old) : Short(after, now))} cannot be looked into: it is not there any more, or is no image"] };
    }

    private Task<ImageContent?> ReadAsync(FatManifest manifest, FatManifestEntry entry, CancellationToken cancel) =>
        ImageContent.TryReadAsync(stores.Open(Name(manifest).Place), entry.Digest, cancel);

    private static FatManifestDifference CompareIndexes(FatManifest before, FatManifest after, bool hasSameImages)
    {
        List<string> changes =
        [
            .. ContentComparison.OfTexts("media type", before.MediaType, after.MediaType),
            .. ContentComparison.OfMaps("annotation", before.Annotations, after.Annotations),
            .. Attestations(before) == Attestations(after) ? Array.Empty<string>() : [$"attestations: {Attestations(before)} -> {Attestations(after)}"],
        ];
        // Another digest for the same images needs a reason, too.
        if (changes.Count == 0 && hasSameImages && before.Digest != after.Digest)
            changes.Add("document: other bytes for the same images (their order, attestations or annotations)");
        return new FatManifestDifference
        {
            Platform = FatManifestDifference.Index,
            Status = changes.Count == 0 ? "Same" : "Changed",
            ReferenceDigest = before.Digest,
            DifferenceDigest = after.Digest,
            Changes = changes,
        };
    }

    private static int Attestations(FatManifest manifest) => manifest.Entries.Count(entry => entry.Kind == "Attestation");

    private static string Short(FatManifest manifest, FatManifestEntry entry) => $"{Name(manifest).Place}@{Digest.Shorten(entry.Digest)}";

    private static ImageReference Name(FatManifest manifest) => ImageReference.Parse(manifest.Reference);
}
