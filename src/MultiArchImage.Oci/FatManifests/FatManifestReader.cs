using System.Runtime.CompilerServices;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Reads what names hold.</summary>
public sealed class FatManifestReader(ImageStores stores)
{
    /// <summary>
    /// The fat manifests that a name or pattern means, by one request each. Names that match but hold a single image are passed over.
    /// </summary>
    /// <exception cref="ManifestNotFoundException">The name, without wildcards, is not there.</exception>
    /// <exception cref="NotFatManifestException">The name, without wildcards, holds a single image.</exception>
    public async IAsyncEnumerable<FatManifest> ReadAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var (reference, document) in ReadDocumentsAsync(pattern, cancel).ConfigureAwait(false))
            yield return FatManifest.Of(reference, ImageIndex.Parse(document));
    }

    /// <summary>
    /// The same with the size and age of the images, which takes two requests more for each. An image that cannot be read has neither: finding
    /// out why is a test's work.
    /// </summary>
    public async IAsyncEnumerable<FatManifest> ReadWithImagesAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var (reference, document) in ReadDocumentsAsync(pattern, cancel).ConfigureAwait(false))
        {
            var index = ImageIndex.Parse(document);
            var images = await Task.WhenAll(index.Images.DistinctBy(entry => entry.Digest).Select(entry => TryReadFactsAsync(reference, entry, cancel))).ConfigureAwait(false);
            yield return FatManifest.Of(reference, index).With(images.OfType<ImageFacts>());
        }
    }

    /// <summary>The fat manifest under a name.</summary>
    /// <exception cref="ManifestNotFoundException">The name is not there.</exception>
    /// <exception cref="NotFatManifestException">The name holds a single image.</exception>
    public async Task<FatManifest> ReadAsync(ImageReference reference, CancellationToken cancel) =>
        FatManifest.Of(reference, ImageIndex.Parse(await ReadDocumentAsync(reference, cancel).ConfigureAwait(false)));

    /// <summary>The documents of the fat manifests that a name or pattern means, byte for byte: encoded as UTF-8 they have the digest.</summary>
    /// <exception cref="ManifestNotFoundException">The name, without wildcards, is not there.</exception>
    /// <exception cref="NotFatManifestException">The name, without wildcards, holds a single image.</exception>
    public async IAsyncEnumerable<string> ReadRawAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var (_, document) in ReadDocumentsAsync(pattern, cancel).ConfigureAwait(false))
            yield return Encoding.UTF8.GetString(document.Bytes.Span);
    }

    /// <summary>What the images run, of each fat manifest that a name or pattern means; its images are read at the same time.</summary>
    /// <exception cref="ManifestNotFoundException">The name, without wildcards, or an entry, is not there.</exception>
    /// <exception cref="NotFatManifestException">The name, without wildcards, holds a single image.</exception>
    public async IAsyncEnumerable<FatManifestConfig> ReadConfigsAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var (reference, document) in ReadDocumentsAsync(pattern, cancel).ConfigureAwait(false))
        {
            var entries = ImageIndex.Parse(document).Images.ToList();
            // What several entries share is read once.
            var read = entries.DistinctBy(entry => entry.Digest).ToDictionary(entry => entry.Digest, entry => ReadContentAsync(reference, entry, cancel));
            await Task.WhenAll(read.Values).ConfigureAwait(false);
            foreach (var entry in entries)
            {
                if (await read[entry.Digest].ConfigureAwait(false) is var (image, config))
                    yield return FatManifestConfig.Of(reference, entry.Platform, image, config);
            }
        }
    }

    private async IAsyncEnumerable<(ImageReference Reference, Manifest Document)> ReadDocumentsAsync(
        ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (pattern.ExactOrLatest is { } exact)
        {
            yield return (exact, await ReadDocumentAsync(exact, cancel).ConfigureAwait(false));
            yield break;
        }
        var place = pattern.RequirePlace();
        var store = stores.Open(place);
        var documents = MatchesAsync(store, pattern, cancel).ReadAheadAsync(
            async (tag, stop) => (Tag: tag, Document: await store.GetManifestAsync(tag, stop).ConfigureAwait(false)), cancel);
        await foreach (var (tag, document) in documents.ConfigureAwait(false))
        {
            if (document.IsIndex)
                yield return (place.WithTag(tag), document);
        }
    }

    private static async IAsyncEnumerable<string> MatchesAsync(
        IImageStore store, ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var tag in store.ListTagsAsync(cancel).ConfigureAwait(false))
        {
            if (pattern.IsTagMatch(tag))
                yield return tag;
        }
    }

    private async Task<Manifest> ReadDocumentAsync(ImageReference reference, CancellationToken cancel)
    {
        var document = await stores.Open(reference.Place).GetManifestAsync(reference.TagOrDigest, cancel).ConfigureAwait(false);
        return document.IsIndex ? document : throw new NotFatManifestException($"{reference}") { Subject = $"{reference}" };
    }

    // Artifacts and nested indexes have no config of an image.
    private async Task<ImageContent?> ReadContentAsync(ImageReference reference, Descriptor entry, CancellationToken cancel)
    {
        if (MediaTypes.IsIndex(entry.MediaType))
            return null;
        var store = stores.Open(reference.Place);
        var document = await store.GetManifestAsync($"{entry.Digest}", cancel).ConfigureAwait(false);
        if (!MediaTypes.IsImageManifest(document.MediaType))
            return null;
        var image = ImageManifest.Parse(document);
        return image.IsImage ? new ImageContent(image, await store.ReadConfigAsync(image, cancel).ConfigureAwait(false)) : null;
    }

    private async Task<ImageFacts?> TryReadFactsAsync(ImageReference reference, Descriptor entry, CancellationToken cancel)
    {
        try
        {
            return await ReadContentAsync(reference, entry, cancel).ConfigureAwait(false) is var (image, config) ? ImageFacts.Of(image, config) : null;
        }
        catch (ImageException e) when (e.Kind is FailureKind.NotFound or FailureKind.InvalidData)
        {
            return null;
        }
    }
}
