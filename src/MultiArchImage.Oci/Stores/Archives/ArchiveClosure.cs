using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>The blobs that an archive will hold: all that its index reaches, of the old archive and of what is staged.</summary>
internal sealed class ArchiveClosure(ImageReference place, ArchiveContent? old, ArchiveStage stage, CancellationToken cancel)
{
    private readonly HashSet<Digest> _blobs = [];

    /// <summary>The blobs that are there.</summary>
    public IReadOnlyCollection<Digest> Blobs => _blobs;

    /// <summary>Whether some of them are not in the old archive.</summary>
    public bool HasStaged => _blobs.Any(blob => old?.Find(blob) is null);

    /// <summary>Collects what the index reaches, and what was kept or promised beside.</summary>
    /// <param name="index">The index to be; what was kept and is not reached is added to it.</param>
    /// <param name="moves">What is new in it, and must be whole; what was there may lack something, as it did before.</param>
    /// <param name="kept">Documents that stay, whether or not the index reaches them.</param>
    /// <param name="promised">Blobs that stay.</param>
    /// <exception cref="BlobNotFoundException">What is new refers to something that is neither staged nor in the archive.</exception>
    public async Task AddAsync(LayoutIndex index, IReadOnlyList<TagMove> moves, IReadOnlyList<Descriptor> kept, IEnumerable<Digest> promised)
    {
        var fresh = moves.Select(move => move.Manifest.Digest).ToHashSet();
        foreach (var entry in index.Manifests.OrderBy(entry => fresh.Contains(entry.Digest)).ToList())
            await AddAsync(entry, mustBeWhole: fresh.Contains(entry.Digest)).ConfigureAwait(false);
        foreach (var manifest in kept.Where(manifest => !_blobs.Contains(manifest.Digest)).OrderBy(manifest => manifest.Digest))
        {
            index.Add(manifest);
            await AddAsync(manifest, mustBeWhole: true).ConfigureAwait(false);
        }
        _blobs.UnionWith(promised.Where(blob => old?.Find(blob) is not null));
    }

    /// <summary>Opens a blob, not verified: what is staged was verified when it came, and what was in the archive stays as it is.</summary>
    public Stream Open(Digest blob) => old?.Find(blob) is not null ? old.Open(blob) : stage.Open(blob);

    /// <summary>A document; null where it is not there, or no manifest.</summary>
    /// <exception cref="DigestMismatchException">It is damaged.</exception>
    public async Task<Manifest?> ReadAsync(Digest digest)
    {
        if (Find(digest) is not { } size || size > OciLimits.ManifestSize)
            return null;
        var blob = new Descriptor("", digest, size);
        var content = new VerifyingStream(Open(digest), blob, place.FullName);
        await using (content.ConfigureAwait(false))
            return Manifest.TryRead(await content.ReadVerifiedAsync(blob, cancel).ConfigureAwait(false));
    }

    /// <summary>Removes from the stage what is in the archive now.</summary>
    public void RemoveStaged()
    {
        foreach (var blob in _blobs)
            stage.Remove(blob);
    }

    private long? Find(Digest blob) => old?.Find(blob) ?? stage.Find(blob);

    // Not by recursion: how deep indexes are nested is another writer's choice.
    private async Task AddAsync(Descriptor root, bool mustBeWhole)
    {
        var open = new Stack<(Descriptor Blob, bool IsNeeded)>([(root, mustBeWhole)]);
        while (open.TryPop(out var next))
        {
            var (blob, isNeeded) = next;
            if (Find(blob.Digest) is null && isNeeded)
                throw new BlobNotFoundException(place.FullName, blob.Digest);
            // What an index names is a document, whatever its kind is called.
            if (Find(blob.Digest) is null || !_blobs.Add(blob.Digest) || !(ReferenceEquals(blob, root) || IsDocument(blob.MediaType)))
                continue;
            foreach (var part in await ReadAsync(blob.Digest).ConfigureAwait(false) is { } manifest ? PartsOf(manifest) : [])
                open.Push((part.Blob, part.IsNeeded && mustBeWhole));
        }
    }

    private static bool IsDocument(string mediaType) => MediaTypes.IsIndex(mediaType) || MediaTypes.IsImageManifest(mediaType);

    // As in a layout, every field named digest counts, so that nothing is left out because its kind is unknown; but only what makes an image must
    // be there. image-spec: Non-Distributable Layers are fetched from their own place.
    private static IEnumerable<(Descriptor Blob, bool IsNeeded)> PartsOf(Manifest manifest)
    {
        var needed = manifest.IsIndex ? ImageIndex.Parse(manifest).Entries
            : MediaTypes.IsImageManifest(manifest.MediaType) ? ImageManifest.Parse(manifest).Blobs.Where(blob => !MediaTypes.IsNonDistributable(blob.MediaType))
            : [];
        // The last is followed first: what is needed is not taken for what need not be whole.
        return manifest.References().Select(blob => (blob, false)).Concat(needed.Select(blob => (blob, true)));
    }
}
