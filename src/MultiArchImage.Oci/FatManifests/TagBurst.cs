using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>
/// Moves several tags to one document as nearly at once as the place allows. A registry has no request for it, so the document goes there by
/// digest first: whatever is wrong with it shows before any tag has moved. Then the tags follow one after the other, and where one fails, those
/// before it are put back.
/// </summary>
internal sealed class TagBurst(IImageStore store, Manifest document, IReadOnlyDictionary<string, Digest> previous)
{
    /// <exception cref="TagsPartlyMovedException">Not all tags could be moved.</exception>
    public async Task MoveAsync(IReadOnlyList<string> tags, CancellationToken cancel)
    {
        // One tag is one request, and a layout moves any number under its lock.
        if (tags.Count < 2 || store is IConditionalTags { HonorsCondition: true })
        {
            await store.PutManifestAsync(document, tags, cancel).ConfigureAwait(false);
            return;
        }
        await store.PutManifestAsync(document, [], cancel).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        // From here on it is all or nothing: a stop in the middle would leave half of them moved.
        for (var moved = 0; moved < tags.Count; moved++)
        {
            try
            {
                await store.PutManifestAsync(document, [tags[moved]], CancellationToken.None).ConfigureAwait(false);
            }
            catch (ImageException failure)
            {
                throw await PutBackAsync(tags.Take(moved).ToList(), tags[moved], failure).ConfigureAwait(false);
            }
        }
    }

    private async Task<TagsPartlyMovedException> PutBackAsync(List<string> moved, string failed, ImageException cause)
    {
        var (restored, left) = (new List<string>(), new List<string>());
        foreach (var tag in Enumerable.Reverse(moved))
            (await TryPutBackAsync(tag).ConfigureAwait(false) ? restored : left).Add(tag);
        return new TagsPartlyMovedException($"{store.Place}", failed, restored, left, cause) { Subject = $"{store.Place}:{failed}" };
    }

    // A tag that held nothing, or that nobody looked at, has nothing to go back to.
    private async Task<bool> TryPutBackAsync(string tag)
    {
        if (!previous.TryGetValue(tag, out var held))
            return false;
        try
        {
            var before = await store.GetManifestAsync($"{held}", CancellationToken.None).ConfigureAwait(false);
            await store.PutManifestAsync(before, [tag], CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (ImageException)
        {
            // The failure that is reported is the first one; the list of tags that are left says the rest.
            return false;
        }
    }
}
