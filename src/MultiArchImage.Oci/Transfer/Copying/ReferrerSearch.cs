using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>
/// Finds what is about manifests, in every form that there is: the registry's list, the tag of the digest, cosign's tags, and in a layout entries of
/// <c>index.json</c> that state the subject. What is about a referrer (a signature of an SBOM) is found too.
/// </summary>
internal sealed class ReferrerSearch(IImageStore store)
{
    // A signature of a signature of an SBOM is somebody's joke.
    private const int MaximumDepth = 3;

    // Whoever may push to a repository may attach as much as he likes.
    private const int MaximumCount = 1000;

    private readonly ImageTreeReader _trees = new(store);
    private int _count;

    /// <exception cref="InvalidImageException">There are more than any tool would write.</exception>
    public async Task<IReadOnlyList<Referrer>> FindAsync(IEnumerable<Digest> subjects, CancellationToken cancel)
    {
        var found = new List<Referrer>();
        var listed = await ListLayoutAsync(cancel).ConfigureAwait(false);
        var next = subjects.ToHashSet();
        var seen = next.ToHashSet();
        for (var depth = 0; next.Count > 0 && depth < MaximumDepth; depth++)
        {
            var layer = await Task.WhenAll(next.Select(subject => FindAsync(subject, listed, cancel))).ConfigureAwait(false);
            var fresh = layer.SelectMany(referrers => referrers).DistinctBy(referrer => (referrer.Entry.Digest, referrer.Tag)).ToList();
            found.AddRange(fresh);
            next = fresh.Select(referrer => referrer.Entry.Digest).Where(seen.Add).ToHashSet();
        }
        return found;
    }

    private async Task<IReadOnlyList<Referrer>> FindAsync(Digest subject, IReadOnlyList<Manifest> listed, CancellationToken cancel)
    {
        var entries = await ReferrerTag.ListAnywhereAsync(store, subject, cancel).ConfigureAwait(false) ?? [];
        var byList = entries.Concat(listed.Where(document => document.Subject == subject).Select(document => document.ToReferrer()))
            .DistinctBy(entry => entry.Digest).Select(entry => ReadAsync(subject, entry, null, cancel));
        var byTag = ReferrerTag.OfCosign(subject).Select(async tag =>
            await store.ResolveAsync(tag, cancel).ConfigureAwait(false) is { } held ? await ReadAsync(subject, held, tag, cancel).ConfigureAwait(false) : null);
        return [.. (await Task.WhenAll([.. byList, .. byTag!]).ConfigureAwait(false)).OfType<Referrer>()];
    }

    // A list may name what is no longer there; what is gone is about nothing.
    private async Task<Referrer?> ReadAsync(Digest subject, Descriptor entry, string? tag, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref _count) > MaximumCount)
            throw new InvalidImageException($"{store.Place}@{subject.Short}", $"is one of those with more than {MaximumCount} signatures and the like");
        try
        {
            var document = await store.GetManifestAsync($"{entry.Digest}", cancel).ConfigureAwait(false);
            return new Referrer(subject, entry, await _trees.ReadAsync(document, cancel).ConfigureAwait(false), tag);
        }
        catch (ManifestNotFoundException)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<Manifest>> ListLayoutAsync(CancellationToken cancel)
    {
        var listed = new List<Manifest>();
        if (store is not IIntendedNames files)
            return listed;
        await foreach (var image in files.ListNamedAsync(cancel).ConfigureAwait(false))
            listed.Add(await store.GetManifestAsync(image.Reference.TagOrDigest, cancel).ConfigureAwait(false));
        return listed;
    }
}
