using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Reads what names hold.</summary>
public sealed class FatManifestReader(ImageStores stores)
{
    /// <summary>The fat manifests that a name or pattern means. Names that match but hold a single image are passed over.</summary>
    /// <exception cref="ManifestNotFoundException">The name, without wildcards, is not there.</exception>
    /// <exception cref="NotFatManifestException">The name, without wildcards, holds a single image.</exception>
    public async IAsyncEnumerable<FatManifest> ReadAsync(
        ReferencePattern pattern, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (pattern.ExactOrLatest is { } exact)
        {
            yield return await ReadAsync(exact, cancel).ConfigureAwait(false)
                ?? throw new NotFatManifestException($"{exact}") { Subject = $"{exact}" };
            yield break;
        }
        var place = pattern.RequirePlace();
        await foreach (var tag in stores.Open(place).ListTagsAsync(cancel).ConfigureAwait(false))
        {
            if (pattern.IsTagMatch(tag) && await ReadAsync(place.WithTag(tag), cancel).ConfigureAwait(false) is { } found)
                yield return found;
        }
    }

    private async Task<FatManifest?> ReadAsync(ImageReference reference, CancellationToken cancel)
    {
        var manifest = await stores.Open(reference.Place).GetManifestAsync(reference.TagOrDigest, cancel).ConfigureAwait(false);
        return manifest.IsIndex ? FatManifest.Of(reference, ImageIndex.Parse(manifest)) : null;
    }
}
