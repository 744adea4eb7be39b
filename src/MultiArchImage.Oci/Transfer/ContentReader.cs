using System.Collections.Concurrent;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>Reads the documents that a document refers to, each once, before anything is moved: what is missing shows while nothing is half done.</summary>
internal sealed class ContentReader(IImageStore source)
{
    // An index in an index in an index is somebody's mistake or malice.
    private const int MaximumDepth = 4;

    // An index within its own bound can name ten thousand documents, each of which can be as large as itself.
    private const long MaximumBytes = 256 * 1024 * 1024;

    private readonly ConcurrentDictionary<Digest, Lazy<Task<ContentTree>>> _entries = new();
    private long _bytes;

    /// <summary>What a document refers to.</summary>
    /// <exception cref="ManifestNotFoundException">An entry of an index is not there.</exception>
    /// <exception cref="InvalidImageException">Something in it is neither an index nor an image manifest, or it is past a bound.</exception>
    public Task<ContentTree> ReadAsync(Manifest document, CancellationToken cancel) => ReadAsync(document, 0, cancel);

    /// <summary>The document of a tag or digest, and what it refers to.</summary>
    public async Task<ContentTree> ReadAsync(string tagOrDigest, CancellationToken cancel) =>
        await ReadAsync(await source.GetManifestAsync(tagOrDigest, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);

    private async Task<ContentTree> ReadAsync(Manifest document, int depth, CancellationToken cancel)
    {
        var name = $"{source.Place}@{document.Digest.Short}";
        if (depth >= MaximumDepth)
            throw new InvalidImageException(name, $"is an index nested more than {MaximumDepth} deep");
        if (Interlocked.Add(ref _bytes, document.Bytes.Length) > MaximumBytes)
            throw new InvalidImageException(name, $"and what it belongs to have more than {ByteSize.Format(MaximumBytes)} of manifests");
        if (!document.IsIndex)
            return new ContentTree(document, [], Blobs(ImageManifest.Parse(document)));
        var entries = ImageIndex.Parse(document).Entries.DistinctBy(entry => entry.Digest);
        return new ContentTree(
            document, await Task.WhenAll(entries.Select(entry => ReadEntryAsync(entry.Digest, depth + 1, cancel))).ConfigureAwait(false), []);
    }

    private Task<ContentTree> ReadEntryAsync(Digest digest, int depth, CancellationToken cancel) => _entries.GetOrAdd(
        digest,
        _ => new Lazy<Task<ContentTree>>(async () =>
            await ReadAsync(await source.GetManifestAsync($"{digest}", cancel).ConfigureAwait(false), depth, cancel).ConfigureAwait(false))).Value;

    private static List<Descriptor> Blobs(ImageManifest image) =>
        [.. image.Blobs.DistinctBy(blob => blob.Digest).Where(blob => !MediaTypes.IsNonDistributable(blob.MediaType))];
}
