using System.Collections.Concurrent;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Transfer.Copying;

namespace MultiArchImage.Oci.Serving;

/// <summary>
/// A repository: an image layout in a folder of its own, which other programs may read and write at the same time. Every manifest that was
/// pushed has an entry in <c>index.json</c>, without a tag where it has none: that is what tells it from a blob, and keeps it when its tag moves.
/// </summary>
internal sealed class RepositoryFolder
{
    private readonly string _path;
    private readonly LayoutFolder _folder;

    // What a manifest refers to never changes, for its digest does not.
    private readonly ConcurrentDictionary<Digest, Referrer?> _referrers = new();

    /// <param name="path">The folder, absolute.</param>
    public RepositoryFolder(string path)
    {
        _path = path;
        _folder = new LayoutFolder(path) { MayHoldFolders = true };
        Blobs = new BlobFolder(_folder);
    }

    /// <summary>The blobs.</summary>
    public BlobFolder Blobs { get; }

    /// <summary>Whether a part of a repository's name would be taken for a file of the layout that it lies in.</summary>
    public static bool IsReserved(string part) =>
        part is LayoutFolder.BlobsName or LayoutFolder.IndexName or LayoutFolder.MarkName or LayoutLock.FileName;

    /// <summary>Whether the repository was pushed to.</summary>
    public bool Exists => File.Exists(Path.Combine(_path, LayoutFolder.MarkName));

    /// <summary>The tags, in no order.</summary>
    public async Task<IReadOnlyList<string>> ListTagsAsync(CancellationToken cancel) =>
        [.. (await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)).Tags];

    /// <summary>What a tag or digest names; null for nothing.</summary>
    public async Task<Descriptor?> ResolveAsync(string tagOrDigest, CancellationToken cancel)
    {
        if (!Digest.TryParse(tagOrDigest, out var digest))
            return (await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)).FindExactly(tagOrDigest);
        // Images of a fat manifest that another program wrote have no entries of their own: the store tells by their content what they are.
        return Exists ? await new LayoutStore(_path).ResolveAsync(tagOrDigest, cancel).ConfigureAwait(false) : null;
    }

    /// <summary>The bytes of a manifest; null where they are gone: another request deleted it, or its file as a blob.</summary>
    /// <exception cref="DigestMismatchException">The file is damaged.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(Descriptor manifest, CancellationToken cancel)
    {
        if (Blobs.Find(manifest.Digest) is not { } file)
            return null;
        try
        {
            var bytes = await LayoutFolder.ReadWholeAsync(file.FullName, OciLimits.ManifestSize, cancel).ConfigureAwait(false);
            return manifest.Digest.Matches(bytes)
                ? bytes
                : throw new DigestMismatchException(_path, manifest.Digest, $"{bytes.Length} bytes of {Digest.Of(bytes)}");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// Keeps a manifest and moves tags to it. The file comes first and the entries last, under the layout's lock, where the condition is looked
    /// at too: of several writers with one condition, one wins.
    /// </summary>
    /// <param name="manifest">What it is, under the digest that its writer gave.</param>
    /// <param name="bytes">The document.</param>
    /// <param name="tags">The tags; none keeps it by digest alone.</param>
    /// <param name="isAllowed">Given what the name that was put to holds now, whether it may be changed.</param>
    /// <param name="cancel">Ends the wait for the lock.</param>
    /// <returns>False where it was not allowed.</returns>
    public async Task<bool> PutManifestAsync(
        Descriptor manifest, ReadOnlyMemory<byte> bytes, IReadOnlyList<string> tags, Func<LayoutIndex, bool> isAllowed, CancellationToken cancel)
    {
        await _folder.PrepareAsync(cancel).ConfigureAwait(false);
        var file = _folder.BlobPath(manifest.Digest);
        for (var isAllowedNow = false; ;)
        {
            await _folder.WriteAsync(file, target => target.WriteAsync(bytes, cancel).AsTask(), cancel).ConfigureAwait(false);
            var isThere = false;
            await _folder.ChangeIndexAsync(
                index => (isThere = File.Exists(file)) && (isAllowedNow = isAllowed(index)) && Enter(index, manifest, tags), cancel).ConfigureAwait(false);
            // Another request may have deleted the manifest between the two.
            if (isThere)
                return isAllowedNow;
        }
    }

    /// <summary>Takes a tag away, not its manifest.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="condition">What it must hold.</param>
    /// <param name="cancel">Ends the wait for the lock.</param>
    /// <returns>False where there is none.</returns>
    /// <exception cref="RefusedException">It does not hold that.</exception>
    public Task<bool> DeleteTagAsync(string tag, Condition condition, CancellationToken cancel) => ChangeAsync(
        index =>
        {
            if (index.FindExactly(tag) is not { } manifest)
                return false;
            if (!condition.Allows(manifest))
                throw RefusedException.ConditionFailed(tag);
            index.Remove(tag);
            index.Add(Untagged(manifest));
            return true;
        },
        cancel);

    /// <summary>Takes a manifest away, with its tags. The entries go first: none is left that names nothing.</summary>
    /// <returns>False where there is none; a blob is none.</returns>
    public async Task<bool> DeleteManifestAsync(Digest digest, CancellationToken cancel)
    {
        // One that only another manifest names has no entry; an entry may have lost its file.
        var isThere = await ResolveAsync($"{digest}", cancel).ConfigureAwait(false) is not null;
        var isListed = false;
        if (Exists)
        {
            await _folder.ChangeIndexAsync(
                index => Task.FromResult(isListed = index.Remove(digest)),
                () =>
                {
                    if (isThere || isListed)
                        File.Delete(_folder.BlobPath(digest));
                },
                cancel).ConfigureAwait(false);
        }
        return isThere || isListed;
    }

    /// <summary>
    /// The manifests that are about another one (distribution-spec: Listing Referrers), also those that only the index under the referrers tag
    /// lists, which is where other writers of layouts put them (Enabling the Referrers API).
    /// </summary>
    public async Task<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancel)
    {
        var entries = (await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)).Manifests;
        var listed = await ReferrerTag.ListAsync(new LayoutStore(_path), subject, cancel).ConfigureAwait(false);
        var found = new List<Descriptor>();
        foreach (var manifest in entries.Concat(listed).DistinctBy(entry => entry.Digest))
        {
            if (await FindReferrerAsync(manifest, cancel).ConfigureAwait(false) is { } referrer && referrer.Subject == subject)
                found.Add(referrer.Descriptor);
        }
        return found;
    }

    private async Task<Referrer?> FindReferrerAsync(Descriptor manifest, CancellationToken cancel)
    {
        if (_referrers.TryGetValue(manifest.Digest, out var known))
            return Blobs.Find(manifest.Digest) is null ? null : known;
        return await ReadAsync(manifest, cancel).ConfigureAwait(false) is { } bytes ? _referrers[manifest.Digest] = Referrer.Of(manifest, bytes) : null;
    }

    private static bool Enter(LayoutIndex index, Descriptor manifest, IReadOnlyList<string> tags)
    {
        var changed = false;
        foreach (var tag in tags)
        {
            var old = index.FindExactly(tag);
            changed |= index.SetTag(tag, manifest, null);
            // Who has the digest of what the tag held can still pull it.
            changed |= old is not null && index.Add(Untagged(old));
        }
        return index.Add(manifest) || changed;
    }

    private static Descriptor Untagged(Descriptor entry) => entry with { Annotations = Json.EmptyMap };

    private async Task<bool> ChangeAsync(Func<LayoutIndex, bool> change, CancellationToken cancel)
    {
        if (!Exists)
            return false;
        var changed = false;
        await _folder.ChangeIndexAsync(index => changed = change(index), cancel).ConfigureAwait(false);
        return changed;
    }
}
