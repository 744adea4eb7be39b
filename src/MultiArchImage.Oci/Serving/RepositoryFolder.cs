using System.Collections.Concurrent;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Serving;

/// <summary>
/// A repository: an image layout in a folder of its own, which other programs may read and write at the same time. Every manifest that was
/// pushed has an entry in <c>index.json</c>, without a tag where it has none: that is what tells it from a blob, and keeps it when its tag moves.
/// </summary>
internal sealed class RepositoryFolder(string path)
{
    private readonly LayoutFolder _folder = new(path) { MayHoldFolders = true };

    // What a manifest refers to never changes, for its digest does not.
    private readonly ConcurrentDictionary<Digest, Referrer?> _referrers = new();

    /// <summary>Whether a part of a repository's name would be taken for a file of the layout that it lies in.</summary>
    public static bool IsReserved(string part) =>
        part is LayoutFolder.BlobsName or LayoutFolder.IndexName or LayoutFolder.MarkName or LayoutLock.FileName;

    /// <summary>Whether the repository was pushed to.</summary>
    public bool Exists => File.Exists(Path.Combine(path, LayoutFolder.MarkName));

    /// <summary>The tags, in no order.</summary>
    public async Task<IReadOnlyList<string>> ListTagsAsync(CancellationToken cancel) =>
        [.. (await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)).Tags];

    /// <summary>What a tag or digest names; null for nothing.</summary>
    public async Task<Descriptor?> ResolveAsync(string tagOrDigest, CancellationToken cancel)
    {
        if (!Digest.TryParse(tagOrDigest, out var digest))
            return (await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)).FindExactly(tagOrDigest);
        // Images of a fat manifest that another program wrote have no entries of their own: the store tells by their content what they are.
        return Exists ? await new LayoutStore(path).ResolveAsync(tagOrDigest, cancel).ConfigureAwait(false) : null;
    }

    /// <summary>The bytes of a manifest; null where they are gone: another request deleted it, or its file as a blob.</summary>
    /// <exception cref="DigestMismatchException">The file is damaged.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(Descriptor manifest, CancellationToken cancel)
    {
        if (FindBlob(manifest.Digest) is not { } file)
            return null;
        try
        {
            var bytes = await LayoutFolder.ReadWholeAsync(file.FullName, OciLimits.ManifestSize, cancel).ConfigureAwait(false);
            return manifest.Digest.Matches(bytes)
                ? bytes
                : throw new DigestMismatchException(path, manifest.Digest, $"{bytes.Length} bytes of {Digest.Of(bytes)}");
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
    /// <returns>False where there is none.</returns>
    public Task<bool> DeleteTagAsync(string tag, CancellationToken cancel) => ChangeAsync(
        index =>
        {
            if (index.FindExactly(tag) is not { } manifest)
                return false;
            index.Remove(tag);
            index.Add(Untagged(manifest));
            return true;
        },
        cancel);

    /// <summary>Takes a manifest away, with its tags.</summary>
    /// <returns>False where there is none; a blob is none.</returns>
    public async Task<bool> DeleteManifestAsync(Digest digest, CancellationToken cancel)
    {
        var isThere = await ResolveAsync($"{digest}", cancel).ConfigureAwait(false) is not null;
        return await ChangeAsync(
            index =>
            {
                // An entry whose file is gone goes too.
                if (!index.Remove(digest) && !isThere)
                    return false;
                File.Delete(_folder.BlobPath(digest));
                return true;
            },
            cancel).ConfigureAwait(false);
    }

    /// <summary>The file of a blob; null where it is not there.</summary>
    public FileInfo? FindBlob(Digest digest) => new FileInfo(_folder.BlobPath(digest)) is { Exists: true } file ? file : null;

    /// <summary>Takes a whole file over as a blob. Its content must have been held against the digest.</summary>
    public async Task TakeBlobAsync(Digest digest, string file, CancellationToken cancel)
    {
        await _folder.PrepareAsync(cancel).ConfigureAwait(false);
        var target = _folder.BlobPath(digest);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await WholeFile.RenameAsync(file, target, cancel).ConfigureAwait(false);
    }

    /// <summary>Brings a blob of another repository here: its file gets a second name, where the file system has such, and is copied elsewhere.</summary>
    /// <returns>False where it is gone.</returns>
    public async Task<bool> TryMountBlobAsync(Digest digest, FileInfo source, CancellationToken cancel)
    {
        await _folder.PrepareAsync(cancel).ConfigureAwait(false);
        var target = _folder.BlobPath(digest);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        return HardLink.TryCreate(source.FullName, target) || File.Exists(target) || await TryCopyAsync(source, target, cancel).ConfigureAwait(false);
    }

    /// <summary>The manifests that are about another one (distribution-spec: Listing Referrers).</summary>
    public async Task<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancel)
    {
        var found = new List<Descriptor>();
        foreach (var manifest in (await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)).Manifests.DistinctBy(entry => entry.Digest))
        {
            if (!_referrers.TryGetValue(manifest.Digest, out var referrer) && await ReadAsync(manifest, cancel).ConfigureAwait(false) is { } bytes)
                _referrers[manifest.Digest] = referrer = Referrer.Of(manifest, bytes);
            if (referrer?.Subject == subject)
                found.Add(referrer.Descriptor);
        }
        return found;
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

    private async Task<bool> TryCopyAsync(FileInfo source, string target, CancellationToken cancel)
    {
        try
        {
            var content = LayoutFolder.OpenRead(source.FullName);
            await using (content.ConfigureAwait(false))
                await _folder.WriteAsync(target, file => content.CopyToAsync(file, cancel), cancel).ConfigureAwait(false);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
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
