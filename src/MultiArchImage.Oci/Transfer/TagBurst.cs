using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>
/// Moves several tags to one document as nearly at once as the place allows. The document goes there by digest first, with the tags that the place
/// moves along with it: whatever is wrong with it shows before any tag has moved. Then the others follow one after the other, and where one fails,
/// those before it are put back.
/// </summary>
internal sealed class TagBurst(NameMove move)
{
    /// <exception cref="TagsPartlyMovedException">Not all tags could be moved.</exception>
    public async Task MoveAsync(CancellationToken cancel)
    {
        if (move.Tags.Count < 2)
        {
            await move.Store.PutManifestAsync(move.Document, move.Tags, cancel).ConfigureAwait(false);
            return;
        }
        cancel.ThrowIfCancellationRequested();
        // From here on it is all or nothing: a stop in the middle would leave half of them moved.
        var moved = new List<string>(await PutTogetherAsync().ConfigureAwait(false));
        foreach (var tag in move.Tags.Except(moved).ToList())
        {
            try
            {
                await move.Store.PutManifestAsync(move.Document, [tag], CancellationToken.None).ConfigureAwait(false);
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

    private async Task<IReadOnlyCollection<string>> PutTogetherAsync()
    {
        try
        {
            if (move.Store is IManyTags together)
                return await together.PutManyTagsAsync(move.Document, move.Tags, CancellationToken.None).ConfigureAwait(false);
            await move.Store.PutManifestAsync(move.Document, [], CancellationToken.None).ConfigureAwait(false);
            return [];
        }
        catch (ImageException failure) when (failure.Kind is FailureKind.Failed or FailureKind.Unreachable or FailureKind.Timeout)
        {
            // What was asked for together may have been done in part.
            var moved = await FindMovedAsync().ConfigureAwait(false);
            if (moved.Count == 0)
                throw;
            throw await PutBackAsync(moved, move.Tags.Except(moved).FirstOrDefault() ?? move.Tags[^1], failure).ConfigureAwait(false);
        }
    }

    private async Task<List<string>> FindMovedAsync()
    {
        var moved = new List<string>();
        try
        {
            foreach (var tag in move.Tags)
            {
                if ((await move.Store.ResolveAsync(tag, CancellationToken.None).ConfigureAwait(false))?.Digest == move.Document.Digest)
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
        return new TagsPartlyMovedException($"{move.Store.Place}", failed, restored, left, cause) { Subject = $"{move.Store.Place}:{failed}" };
    }

    private async Task<bool> TryPutBackAsync(string tag)
    {
        try
        {
            return move.Previous is not null
                && (move.Previous.TryGetValue(tag, out var held) ? await RestoreAsync(tag, held).ConfigureAwait(false) : await EmptyAsync(tag).ConfigureAwait(false));
        }
        catch (ImageException)
        {
            // The failure that is reported is the first one; the list of tags that are left says the rest.
            return false;
        }
    }

    private async Task<bool> RestoreAsync(string tag, Digest held)
    {
        var before = await move.Store.GetManifestAsync($"{held}", CancellationToken.None).ConfigureAwait(false);
        await move.Store.PutManifestAsync(before, [tag], CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    // A tag that held nothing goes back to that. What another writer put there since is not this one's to delete.
    private async Task<bool> EmptyAsync(string tag)
    {
        if ((await move.Store.ResolveAsync(tag, CancellationToken.None).ConfigureAwait(false))?.Digest != move.Document.Digest)
            return true;
        if (move.Store is not IDeletion deletion)
            return false;
        await deletion.DeleteTagAsync(tag, CancellationToken.None).ConfigureAwait(false);
        return true;
    }
}
