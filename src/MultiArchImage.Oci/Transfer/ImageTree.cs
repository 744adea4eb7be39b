using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>A document with the documents that it refers to: an image alone, or a fat manifest with its images and attestations.</summary>
/// <param name="Document">The document.</param>
/// <param name="Children">What an index refers to; none for an image.</param>
public sealed record ImageTree(Manifest Document, IReadOnlyList<ImageTree> Children)
{
    /// <summary>All documents, each once, after those that it refers to.</summary>
    public IEnumerable<Manifest> Documents => Walk([]);

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
    /// <exception cref="InvalidImageException">Something is neither index nor image manifest, nested too deep, or too large.</exception>
    public static Task<ImageTree> ReadAsync(IImageStore store, Manifest document, CancellationToken cancel) =>
        new ImageTreeReader(store).ReadAsync(document, cancel);

    // Indexes that share their entries would else be walked as often as there are ways to them.
    private IEnumerable<Manifest> Walk(HashSet<Digest> seen) =>
        seen.Add(Document.Digest) ? Children.SelectMany(child => child.Walk(seen)).Append(Document) : [];
}
