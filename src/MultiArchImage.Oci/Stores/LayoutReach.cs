using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>
/// All that a layout's documents lead to. Every field <c>digest</c> counts, of whatever an artifact calls its parts, so that nothing is taken for
/// rubbish because its kind is unknown.
/// </summary>
internal sealed class LayoutReach(LayoutFolder folder)
{
    private readonly HashSet<Digest> _reached = [];

    /// <summary>The digests that were reached.</summary>
    public IReadOnlySet<Digest> Digests => _reached;

    /// <summary>Goes on from documents.</summary>
    /// <param name="documents">Where to begin; they count as reached.</param>
    /// <param name="except">A document that is passed by, with what only it leads to; null for none.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="InvalidImageException">A document is damaged: what it needs cannot be told.</exception>
    public async Task FollowAsync(IEnumerable<Descriptor> documents, Digest? except, CancellationToken cancel)
    {
        var waiting = new Stack<Descriptor>(documents);
        while (waiting.TryPop(out var next))
        {
            if (next.Digest == except || !_reached.Add(next.Digest) || !IsDocument(next.MediaType))
                continue;
            foreach (var part in await ReadAsync(next, cancel).ConfigureAwait(false))
                waiting.Push(part);
        }
    }

    /// <summary>The blobs that a document itself names, without those that are documents.</summary>
    public async Task<IEnumerable<Digest>> BlobsOfAsync(Descriptor document, CancellationToken cancel) =>
        (await ReadAsync(document, cancel).ConfigureAwait(false)).Where(part => !IsDocument(part.MediaType)).Select(part => part.Digest);

    private static bool IsDocument(string mediaType) => MediaTypes.IsIndex(mediaType) || MediaTypes.IsImageManifest(mediaType);

    // What is not there, in a layout of some platforms of a fat manifest, needs nothing.
    private async Task<IEnumerable<Descriptor>> ReadAsync(Descriptor document, CancellationToken cancel)
    {
        var path = folder.BlobPath(document.Digest);
        if (!File.Exists(path))
            return [];
        var manifest = new Manifest(document.MediaType, await LayoutFolder.ReadWholeAsync(path, OciLimits.ManifestSize, cancel).ConfigureAwait(false));
        return manifest.References();
    }
}
