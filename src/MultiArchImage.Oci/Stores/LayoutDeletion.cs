using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>
/// Deletes entries of a layout's <c>index.json</c>, and the files that nothing in it leads to any more. Both are done under the lock: a writer whose
/// entry is there loses nothing. One that has brought blobs and not yet its entry may lose those that the deleted manifest had too.
/// </summary>
internal sealed class LayoutDeletion(LayoutFolder folder)
{
    public async Task<bool> DeleteTagAsync(string tag, CancellationToken cancel)
    {
        var isDeleted = false;
        if (await folder.ExistsAsync(cancel).ConfigureAwait(false))
            await folder.ChangeIndexAsync(index => isDeleted = index.Remove(tag), cancel).ConfigureAwait(false);
        return isDeleted;
    }

    public async Task<bool> DeleteManifestAsync(Descriptor manifest, CancellationToken cancel)
    {
        IReadOnlyList<Digest> rubbish = [];
        await folder.ChangeIndexAsync(
            async index =>
            {
                var isChanged = index.Remove(manifest.Digest);
                rubbish = await FindRubbishAsync(index, manifest, cancel).ConfigureAwait(false);
                return isChanged;
            },
            () =>
            {
                foreach (var digest in rubbish)
                    Delete(digest);
            },
            cancel).ConfigureAwait(false);
        return true;
    }

    // The manifest and its blobs, but for what the rest of the layout needs. Images that an index names have digests of their own to be deleted by.
    private async Task<IReadOnlyList<Digest>> FindRubbishAsync(LayoutIndex index, Descriptor manifest, CancellationToken cancel)
    {
        var reach = new LayoutReach(folder);
        await reach.FollowAsync(index.Entries.Select(entry => entry.Manifest), manifest.Digest, cancel).ConfigureAwait(false);
        var blobs = await reach.BlobsOfAsync(manifest, cancel).ConfigureAwait(false);
        return [manifest.Digest, .. blobs.Distinct().Where(digest => !reach.Digests.Contains(digest))];
    }

    private void Delete(Digest digest)
    {
        try
        {
            File.Delete(folder.BlobPath(digest));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody reads it just now, and Windows keeps it for them: it is rubbish from now on, to which nothing leads.
        }
    }
}
