using System.Collections.Concurrent;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Removal;

/// <summary>What manifests of a place refer to. A fat manifest is read once, for what a digest names does not change.</summary>
internal sealed class ManifestFamilies(IImageStore store)
{
    // image-spec lets an index be an entry of another: nobody nests them as deep as this, and hostile ones would have no end.
    private const int MaximumDepth = 8;

    private readonly ConcurrentDictionary<Digest, Lazy<Task<IReadOnlyList<Descriptor>>>> _entries = new();

    /// <summary>A manifest and all entries below it, each once: what refers to others before these.</summary>
    /// <exception cref="InvalidImageException">Indexes are nested too deep, or malformed.</exception>
    public async Task<IReadOnlyList<Descriptor>> OfAsync(Descriptor head, CancellationToken cancel)
    {
        var family = new List<Descriptor> { head };
        var row = new List<Descriptor> { head };
        for (var depth = 0; row.Count > 0; depth++)
        {
            if (depth == MaximumDepth)
                throw new InvalidImageException($"{store.Place}@{head.Digest}", $"nests indexes more than {MaximumDepth} deep");
            var below = await Task.WhenAll(row.Select(document => EntriesAsync(document, cancel))).ConfigureAwait(false);
            row = [.. below.SelectMany(entries => entries).DistinctBy(entry => entry.Digest)];
            family.RemoveAll(member => row.Exists(entry => entry.Digest == member.Digest));
            family.AddRange(row);
        }
        return family;
    }

    private Task<IReadOnlyList<Descriptor>> EntriesAsync(Descriptor document, CancellationToken cancel) => MediaTypes.IsIndex(document.MediaType)
        ? _entries.GetOrAdd(document.Digest, digest => new(() => ReadAsync(digest, cancel))).Value
        : Task.FromResult<IReadOnlyList<Descriptor>>([]);

    private async Task<IReadOnlyList<Descriptor>> ReadAsync(Digest digest, CancellationToken cancel)
    {
        try
        {
            return ImageIndex.Parse(await store.GetManifestAsync($"{digest}", cancel).ConfigureAwait(false)).Entries;
        }
        catch (ImageException e) when (e is ManifestNotFoundException or BlobNotFoundException)
        {
            // An index that is not there, where a place holds a part of another, needs nothing.
            return [];
        }
    }
}
