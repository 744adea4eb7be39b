using MultiArchImage.Oci.Executables;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests.Verification;

/// <summary>
/// Reads a fat manifest as far as a test needs: manifest and config of each image, a HEAD of each attestation, all of them at the same time;
/// with <see cref="VerificationRequest.Deep"/> also a HEAD of each blob, once each, the attestations themselves, and of the layers what
/// leads to the first program.
/// </summary>
internal sealed class SnapshotReader(ImageStores stores, VerificationRequest request)
{
    /// <summary>Reads what an index refers to. What is missing or damaged there is part of the result, not a failure.</summary>
    public async Task<FatManifestSnapshot> ReadAsync(ImageReference reference, ImageIndex index, CancellationToken cancel)
    {
        var store = stores.Open(reference.Place);
        var read = new Dictionary<Digest, Task<EntrySnapshot>>();
        foreach (var entry in index.Images.Concat(index.Entries))
        {
            if (!read.ContainsKey(entry.Digest))
                read[entry.Digest] = ReadEntryAsync(store, entry, cancel);
        }
        await Task.WhenAll(read.Values).ConfigureAwait(false);
        // What two entries share is read once; each keeps what the index says of it.
        var entries = await Task.WhenAll(index.Entries.Select(
            entry => WithTagAsync(reference, read[entry.Digest].Result with { Descriptor = entry }, cancel))).ConfigureAwait(false);
        return new FatManifestSnapshot(reference, entries, await FindMissingBlobsAsync(store, entries, cancel).ConfigureAwait(false));
    }

    private async Task<EntrySnapshot> ReadEntryAsync(IImageStore store, Descriptor entry, CancellationToken cancel)
    {
        try
        {
            var isWanted = MediaTypes.IsImageManifest(entry.MediaType) && (request.Deep || !entry.IsAttestation);
            return isWanted
                ? await ReadDocumentAsync(store, entry, cancel).ConfigureAwait(false)
                : await LookForAsync(store, entry, cancel).ConfigureAwait(false);
        }
        catch (ImageException failure) when (Findings.IsFinding(failure))
        {
            return new EntrySnapshot(entry) { Failure = failure };
        }
    }

    private static async Task<EntrySnapshot> LookForAsync(IImageStore store, Descriptor entry, CancellationToken cancel) =>
        await store.ResolveAsync($"{entry.Digest}", cancel).ConfigureAwait(false) is { } found
            ? new EntrySnapshot(entry) { Size = found.Size, MediaType = found.MediaType }
            : new EntrySnapshot(entry) { Failure = new ManifestNotFoundException($"{store.Place.WithDigest(entry.Digest)}") };

    private async Task<EntrySnapshot> ReadDocumentAsync(IImageStore store, Descriptor entry, CancellationToken cancel)
    {
        var document = await store.GetManifestAsync($"{entry.Digest}", cancel).ConfigureAwait(false);
        var found = new EntrySnapshot(entry) { Size = document.Bytes.Length, MediaType = document.MediaType };
        if (!MediaTypes.IsImageManifest(document.MediaType))
            return found;
        var image = ImageManifest.Parse(document);
        found = found with { Image = image };
        return image.IsImage && !entry.IsAttestation ? await WithConfigAsync(store, found, image, cancel).ConfigureAwait(false) : found;
    }

    private async Task<EntrySnapshot> WithConfigAsync(IImageStore store, EntrySnapshot entry, ImageManifest image, CancellationToken cancel)
    {
        try
        {
            var config = await store.ReadConfigAsync(image, cancel).ConfigureAwait(false);
            return entry with
            {
                Config = config,
                Program = request.Deep ? await ProgramFinder.FindAsync(store, image, config, cancel).ConfigureAwait(false) : null,
            };
        }
        catch (ImageException failure) when (Findings.IsFinding(failure))
        {
            return entry with { ConfigFailure = failure };
        }
    }

    private async Task<EntrySnapshot> WithTagAsync(ImageReference reference, EntrySnapshot entry, CancellationToken cancel)
    {
        if (request.Template is null || entry.Descriptor.IsAttestation || entry.Descriptor.Platform is not { } platform)
            return entry;
        var name = TemplateFor(reference, request.Template).For(platform);
        var store = stores.Open(name.Place);
        var current = await store.ResolveAsync(name.TagOrDigest, cancel).ConfigureAwait(false);
        var holdsEntry = current is not null
            && (current.Digest == entry.Descriptor.Digest || await IsWithinAsync(store, current, entry.Descriptor, cancel).ConfigureAwait(false));
        return entry with { Tag = new ArchTag(name, current?.Digest, holdsEntry) };
    }

    // The tag of an attested image holds an index of image and attestation; the fat manifest has the image itself.
    private static async Task<bool> IsWithinAsync(IImageStore store, Descriptor current, Descriptor entry, CancellationToken cancel) =>
        MediaTypes.IsIndex(current.MediaType)
        && ImageIndex.Parse(await store.GetManifestAsync($"{current.Digest}", cancel).ConfigureAwait(false)).Images.Any(image => image.Digest == entry.Digest);

    // A name says where it is itself; a tag is one of the fat manifest's place.
    private static TagTemplate TemplateFor(ImageReference reference, string template) => template.Contains('/') || template.Contains(':')
        ? TagTemplate.Parse(template)
        : TagTemplate.For(reference.Place.FullName, template);

    private async Task<IReadOnlySet<Digest>> FindMissingBlobsAsync(IImageStore store, IReadOnlyList<EntrySnapshot> entries, CancellationToken cancel)
    {
        var unseen = request.Deep ? entries.SelectMany(entry => entry.UnseenBlobs).Distinct() : [];
        var looked = await Task.WhenAll(unseen.Select(
            async blob => (Blob: blob, IsThere: await store.HasBlobAsync(blob, cancel).ConfigureAwait(false)))).ConfigureAwait(false);
        return looked.Where(look => !look.IsThere).Select(look => look.Blob).ToHashSet();
    }
}
