using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>
/// What refers to a manifest of a layout. The specification has no rule for it, so both forms that tools write are read: manifests that
/// <c>index.json</c> lists and that name a subject (oras), and the index under the referrers tag (regctl). The second is the one that is written.
/// </summary>
internal sealed class LayoutReferrers(LayoutStore store, LayoutFolder folder)
{
    private readonly SemaphoreSlim _once = new(1, 1);
    private ILookup<Digest, Descriptor>? _listed;

    public async Task<IReadOnlyList<Descriptor>> ListAsync(Digest subject, CancellationToken cancel)
    {
        var tagged = await store.ReadReferrersIndexAsync(subject, cancel).ConfigureAwait(false);
        var listed = await ListedAsync(cancel).ConfigureAwait(false);
        return [.. tagged.Concat(listed[subject]).DistinctBy(referrer => referrer.Digest)];
    }

    // Only the documents themselves say their subject. They are read once: this module writes no referrer of that form.
    private async Task<ILookup<Digest, Descriptor>> ListedAsync(CancellationToken cancel)
    {
        await _once.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return _listed ??= await ReadListedAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            _once.Release();
        }
    }

    private async Task<ILookup<Digest, Descriptor>> ReadListedAsync(CancellationToken cancel)
    {
        var found = new List<(Digest Subject, Descriptor Referrer)>();
        var index = await folder.ReadIndexAsync(cancel).ConfigureAwait(false);
        foreach (var entry in index.Manifests.DistinctBy(entry => entry.Digest))
        {
            var document = await store.GetManifestAsync($"{entry.Digest}", cancel).ConfigureAwait(false);
            if (document.Subject is { } subject)
                found.Add((subject, document.ToReferrer()));
        }
        return found.ToLookup(pair => pair.Subject, pair => pair.Referrer);
    }
}
