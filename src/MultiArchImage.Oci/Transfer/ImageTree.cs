using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>A document with the documents that it refers to: an image alone, or a fat manifest with its images and attestations.</summary>
/// <param name="Document">The document.</param>
/// <param name="Children">What an index refers to; none for an image.</param>
public sealed record ImageTree(Manifest Document, IReadOnlyList<ImageTree> Children)
{
    // An index in an index in an index is somebody's mistake or malice.
    private const int MaximumDepth = 4;

    /// <summary>All documents, each after those that it refers to.</summary>
    public IEnumerable<Manifest> Documents => Children.SelectMany(child => child.Documents).Append(Document).DistinctBy(document => document.Digest);

    /// <summary>
    /// Configs and layers of all images, each once. Layers that may not be distributed stay where their URLs say (image-spec: Non-Distributable
    /// Layers).
    /// </summary>
    public IEnumerable<Descriptor> Blobs => Documents.Where(document => !document.IsIndex)
        .SelectMany(document => ImageManifest.Parse(document).Blobs)
        .Where(blob => !MediaTypes.IsNonDistributable(blob.MediaType))
        .DistinctBy(blob => blob.Digest);

    /// <summary>Reads what a document refers to.</summary>
    /// <exception cref="ManifestNotFoundException">Something of it is not there.</exception>
    /// <exception cref="InvalidImageException">Indexes are nested too deep.</exception>
    public static Task<ImageTree> ReadAsync(IImageStore store, Manifest document, CancellationToken cancel) => ReadAsync(store, document, 0, cancel);

    private static async Task<ImageTree> ReadAsync(IImageStore store, Manifest document, int depth, CancellationToken cancel)
    {
        if (depth >= MaximumDepth)
            throw new InvalidImageException($"{store.Place}@{document.Digest.Short}", $"is an index nested more than {MaximumDepth} deep");
        if (!document.IsIndex)
            return new ImageTree(document, []);
        var children = ImageIndex.Parse(document).Entries.DistinctBy(entry => entry.Digest).Select(async entry =>
        {
            var child = await store.GetManifestAsync($"{entry.Digest}", cancel).ConfigureAwait(false);
            return await ReadAsync(store, child, depth + 1, cancel).ConfigureAwait(false);
        });
        return new ImageTree(document, await Task.WhenAll(children).ConfigureAwait(false));
    }
}
