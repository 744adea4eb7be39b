using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores;

/// <summary>Lists the images of registries, layouts and archives as objects.</summary>
public sealed class ImageListing(ImageStores stores, IActivitySink sink)
{
    /// <summary>
    /// The images that a pattern means, in the order of their tags. A fat manifest gives its images when it was named outright; where it only
    /// matched a wildcard it is passed over, for its images have names of their own.
    /// </summary>
    /// <exception cref="ManifestNotFoundException">The name, without wildcards, is not there.</exception>
    public async IAsyncEnumerable<ArchImage> ListAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (pattern.Exact is { } exact)
        {
            var meant = stores.Open(exact) is IIntendedNames names ? await names.GetIntendedNameAsync(exact.TagOrDigest, cancel).ConfigureAwait(false) : null;
            foreach (var image in await ReadAsync(new NamedImage(exact, exact.Tag, meant), true, cancel).ConfigureAwait(false))
                yield return image;
            yield break;
        }
        var found = MatchesAsync(pattern, cancel).ReadAheadAsync((name, stop) => ReadAsync(name, false, stop), cancel);
        await foreach (var images in found.ConfigureAwait(false))
        {
            foreach (var image in images)
                yield return image;
        }
    }

    /// <summary>The names of what a pattern means, single images or fat manifests; nothing of them is read.</summary>
    /// <exception cref="ManifestNotFoundException">The name, without wildcards, is not there.</exception>
    public async IAsyncEnumerable<ImageReference> ListNamesAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (pattern.Exact is { } exact)
        {
            yield return await stores.Open(exact.Place).ResolveAsync(exact.TagOrDigest, cancel).ConfigureAwait(false) is null
                ? throw new ManifestNotFoundException($"{exact}") { Subject = $"{exact}" }
                : exact;
            yield break;
        }
        await foreach (var image in MatchesAsync(pattern, cancel).ConfigureAwait(false))
            yield return image.Reference;
    }

    // Files list images that no tag names, too; they are meant by a pattern that asks for no tag.
    private async IAsyncEnumerable<NamedImage> MatchesAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (pattern.Place is { } only)
        {
            await foreach (var image in MatchesAsync(pattern, only, cancel).ConfigureAwait(false))
                yield return image;
            yield break;
        }
        await foreach (var images in stores.FindPlacesAsync(pattern, cancel).ReadAheadAsync(ReadAsync, cancel).ConfigureAwait(false))
        {
            foreach (var image in images)
                yield return image;
        }

        // The list still has repositories that have lost all their tags, of which some registries then know nothing.
        async Task<IReadOnlyList<NamedImage>> ReadAsync(ImageReference place, CancellationToken stop)
        {
            var found = new List<NamedImage>();
            try
            {
                await foreach (var image in MatchesAsync(pattern, place, stop).ConfigureAwait(false))
                    found.Add(image);
            }
            catch (RepositoryNotFoundException)
            {
                sink.Verbose($"{place} is listed and is not there");
            }
            return found;
        }
    }

    private async IAsyncEnumerable<NamedImage> MatchesAsync(ReferencePattern pattern, ImageReference place, [EnumeratorCancellation] CancellationToken cancel)
    {
        var store = stores.Open(place);
        var images = store is IIntendedNames names ? names.ListNamedAsync(cancel) : TagsAsync(store, cancel);
        await foreach (var image in images.ConfigureAwait(false))
        {
            if (image.Tag is null ? pattern.Tag is null : pattern.IsTagMatch(image.Tag))
                yield return image;
        }
    }

    private static async IAsyncEnumerable<NamedImage> TagsAsync(IImageStore store, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var tag in store.ListTagsAsync(cancel).ConfigureAwait(false))
            yield return new NamedImage(store.Place.WithTag(tag), tag, null);
    }

    private async Task<IReadOnlyList<ArchImage>> ReadAsync(NamedImage name, bool isNamedOutright, CancellationToken cancel) =>
        [.. (await ReadAsync(name.Reference, isNamedOutright, cancel).ConfigureAwait(false)).Select(image => image.MeantFor(name))];

    private async Task<IReadOnlyList<ArchImage>> ReadAsync(ImageReference reference, bool named, CancellationToken cancel)
    {
        var store = stores.Open(reference.Place);
        var manifest = await store.GetManifestAsync(reference.TagOrDigest, cancel).ConfigureAwait(false);
        if (!manifest.IsIndex)
            return await ReadImageAsync(reference, manifest.ToDescriptor(), manifest, store, cancel).ConfigureAwait(false) is { } image ? [image] : [];
        var entries = ImageIndex.Parse(manifest).Images.ToList();
        // One image with its attestations is an image; the index is what has to be joined and pulled.
        if (entries is [var only])
            return await ReadEntryAsync(reference, manifest.ToDescriptor(), only, store, cancel).ConfigureAwait(false) is { } attested ? [attested] : [];
        if (!named)
        {
            sink.Verbose($"{reference} is a fat manifest; Get-FatManifest shows it");
            return [];
        }
        var read = await Task.WhenAll(entries.Select(
            entry => ReadEntryAsync(reference.Place.WithDigest(entry.Digest), entry, entry, store, cancel))).ConfigureAwait(false);
        return [.. read.OfType<ArchImage>()];
    }

    private async Task<ArchImage?> ReadEntryAsync(
        ImageReference reference, Descriptor known, Descriptor entry, IImageStore store, CancellationToken cancel)
    {
        var child = await store.GetManifestAsync($"{entry.Digest}", cancel).ConfigureAwait(false);
        return await ReadImageAsync(reference, known, child, store, cancel).ConfigureAwait(false);
    }

    private async Task<ArchImage?> ReadImageAsync(
        ImageReference reference, Descriptor known, Manifest manifest, IImageStore store, CancellationToken cancel)
    {
        var image = ImageManifest.Parse(manifest);
        if (image.IsImage)
            return ArchImage.Of(reference, known, image, await store.ReadConfigAsync(image, cancel).ConfigureAwait(false));
        sink.Verbose($"{reference} is an artifact of type '{image.Config.MediaType}', not an image");
        return null;
    }
}
