using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>
/// Moves several tags to one document as nearly at once as the place allows. The document goes there by digest first, with the tags that the place
/// moves along with it: whatever is wrong with it shows before any tag has moved. Then the others follow one after the other, and where one fails,
/// those before it are put back.
/// </summary>
/// <param name="store">Where the tags are.</param>
/// <param name="document">What they are to hold.</param>
/// <param name="previous">What they held, by tag, those that held nothing left out; null where nobody looked.</param>
internal sealed class TagBurst(IImageStore store, Manifest document, IReadOnlyDictionary<string, Digest>? previous)
{
    /// <exception cref="TagsPartlyMovedException">Not all tags could be moved.</exception>
    public async Task MoveAsync(IReadOnlyList<string> tags, CancellationToken cancel)
    {
        if (tags.Count < 2)
        {
            await store.PutManifestAsync(document, tags, cancel).ConfigureAwait(false);
            return;
        }
        cancel.ThrowIfCancellationRequested();
        // From here on it is all or nothing: a stop in the middle would leave half of them moved.
        var moved = new List<string>(await PutTogetherAsync(tags).ConfigureAwait(false));
        foreach (var tag in tags.Except(moved).ToList())
        {
            try
            {
                await store.PutManifestAsync(document, [tag], CancellationToken.None).ConfigureAwait(false);
                moved.Add(tag);
            }
            catch (ImageException failure)
            {
                throw await PutBackAsync(moved, tag, failure).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Puts tags that were moved back to what they held, the last first, and tells for which it could.</summary>
    public async Task<(IReadOnlyList<string> Restored, IReadOnlyList<string> Left)> UndoAsync(IReadOnlyList<string> moved)
    {
        var (restored, left) = (new List<string>(), new List<string>());
        foreach (var tag in moved.Reverse())
            (await TryPutBackAsync(tag).ConfigureAwait(false) ? restored : left).Add(tag);
        return (restored, left);
    }

    private async Task<IReadOnlyCollection<string>> PutTogetherAsync(IReadOnlyList<string> tags)
    {
        try
        {
            if (store is IManyTags together)
                return await together.PutManyTagsAsync(document, tags, CancellationToken.None).ConfigureAwait(false);
            await store.PutManifestAsync(document, [], CancellationToken.None).ConfigureAwait(false);
            return [];
        }
        catch (ImageException failure) when (failure.Kind is FailureKind.Failed or FailureKind.Unreachable or FailureKind.Timeout)
        {
            // What was asked for together may have been done in part.
            var moved = await FindMovedAsync(tags).ConfigureAwait(false);
            if (moved.Count == 0)
                throw;
            throw await PutBackAsync(moved, tags.Except(moved).FirstOrDefault() ?? tags[^1], failure).ConfigureAwait(false);
        }
    }

    private async Task<List<string>> FindMovedAsync(IReadOnlyList<string> tags)
    {
        var moved = new List<string>();
        try
        {
            foreach (var tag in tags)
            {
                if ((await store.ResolveAsync(tag, CancellationToken.None).ConfigureAwait(false))?.Digest == document.Digest)
                    moved.Add(tag);
            }
        }
        catch (ImageException)
        {
            // A place that does not answer now cannot be put right either; what it did answer counts.
        }
        return moved;
    }

    private async Task<TagsPartlyMovedException> PutBackAsync(List<string> moved, string failed, ImageException cause)
    {
        var (restored, left) = await UndoAsync(moved).ConfigureAwait(false);
        return new TagsPartlyMovedException($"{store.Place}", failed, restored, left, cause) { Subject = $"{store.Place}:{failed}" };
    }

    private async Task<bool> TryPutBackAsync(string tag)
    {
        try
        {
            return previous is not null
                && (previous.TryGetValue(tag, out var held) ? await RestoreAsync(tag, held).ConfigureAwait(false) : await EmptyAsync(tag).ConfigureAwait(false));
        }
        catch (ImageException)
        {
            // The failure that is reported is the first one; the list of tags that are left says the rest.
            return false;
        }
    }

    private async Task<bool> RestoreAsync(string tag, Digest held)
    {
        var before = await store.GetManifestAsync($"{held}", CancellationToken.None).ConfigureAwait(false);
        await store.PutManifestAsync(before, [tag], CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    // A tag that held nothing goes back to that. What another writer put there since is not this one's to delete.
    private async Task<bool> EmptyAsync(string tag)
    {
        if ((await store.ResolveAsync(tag, CancellationToken.None).ConfigureAwait(false))?.Digest != document.Digest)
            return true;
        if (store is not IDeletion deletion)
            return false;
        await deletion.DeleteTagAsync(tag, CancellationToken.None).ConfigureAwait(false);
        return true;
    }
}
