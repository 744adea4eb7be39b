using System.Collections.Concurrent;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>Reads the documents that documents refer to, each once, however many refer to it.</summary>
internal sealed class ImageTreeReader(IImageStore store)
{
    // An index in an index in an index is somebody's mistake or malice.
    private const int MaximumDepth = 4;

    // An index within its own bound can name ten thousand documents, each of which may be as large as itself.
    private const long MaximumBytes = 256 * 1024 * 1024;

    private readonly ConcurrentDictionary<Digest, Lazy<Task<ImageTree>>> _read = new();
    private long _bytes;

    /// <summary>What a document refers to.</summary>
    /// <exception cref="ManifestNotFoundException">Something of it is not there.</exception>
    /// <exception cref="InvalidImageException">Something is neither index nor image manifest, nested too deep, or too large.</exception>
    public Task<ImageTree> ReadAsync(Manifest document, CancellationToken cancel) => ReadAsync(document, 0, cancel);

    private async Task<ImageTree> ReadAsync(Manifest document, int depth, CancellationToken cancel)
    {
        var name = $"{store.Place}@{document.Digest.Short}";
        if (depth >= MaximumDepth)
            throw new InvalidImageException(name, $"is an index nested more than {MaximumDepth} deep");
        if (Interlocked.Add(ref _bytes, document.Bytes.Length) > MaximumBytes)
            throw new InvalidImageException(name, $"and what belongs to it have more than {ByteSize.Format(MaximumBytes)} of manifests");
        if (!document.IsIndex)
        {
            // What it refers to can only be told of an image manifest: that it is none shows here, before anything was moved.
            _ = ImageManifest.Parse(document);
            return new ImageTree(document, []);
        }
        var children = ImageIndex.Parse(document).Entries.DistinctBy(entry => entry.Digest).Select(entry => ReadOnceAsync(entry.Digest, depth + 1, cancel));
        return new ImageTree(document, await Task.WhenAll(children).ConfigureAwait(false));
    }

    private Task<ImageTree> ReadOnceAsync(Digest digest, int depth, CancellationToken cancel) => _read.GetOrAdd(
        digest,
        _ => new Lazy<Task<ImageTree>>(async () =>
            await ReadAsync(await store.GetManifestAsync($"{digest}", cancel).ConfigureAwait(false), depth, cancel).ConfigureAwait(false))).Value;
}
