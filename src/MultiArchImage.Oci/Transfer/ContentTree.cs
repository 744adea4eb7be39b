using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Transfer;

/// <summary>A document and all that it refers to, as it has to be wherever the document is.</summary>
/// <param name="Document">The manifest or index.</param>
/// <param name="Children">What an index refers to; each digest once.</param>
/// <param name="Blobs">What a manifest refers to, each digest once, without layers that may not be pushed elsewhere.</param>
public sealed record ContentTree(Manifest Document, IReadOnlyList<ContentTree> Children, IReadOnlyList<Descriptor> Blobs)
{
    /// <summary>All documents, each once, and each behind those that it refers to: the order in which they may be put.</summary>
    public IReadOnlyList<Manifest> Documents => [.. Walk([]).Select(tree => tree.Document)];

    /// <summary>All blobs, each once.</summary>
    public IReadOnlyList<Descriptor> AllBlobs => [.. Walk([]).SelectMany(tree => tree.Blobs).DistinctBy(blob => blob.Digest)];

    // What was seen is not walked again: documents that share their children would else be walked as often as there are ways to them.
    private IEnumerable<ContentTree> Walk(HashSet<Digest> seen) =>
        seen.Add(Document.Digest) ? [.. Children.SelectMany(child => child.Walk(seen)), this] : [];
}
