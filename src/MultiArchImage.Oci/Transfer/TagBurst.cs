using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>
/// Moves several tags, of one place or of several, as nearly at once as can be. A registry has no request for it, so every document goes to its
/// place by digest first: whatever is wrong with it shows before any tag has moved. Then the tags follow one after the other, and where one
/// fails, those before it are put back.
/// </summary>
internal static class TagBurst
{
    /// <summary>Moves the tags, in their order.</summary>
    /// <exception cref="TagsPartlyMovedException">Not all tags could be moved.</exception>
    public static async Task MoveAsync(IReadOnlyList<TagMove> moves, CancellationToken cancel)
    {
        // One tag is one request, and a layout moves any number under its lock.
        var steps = Steps(moves);
        if (steps is [var only])
        {
            await PutAsync(only, cancel).ConfigureAwait(false);
            return;
        }
        await Task.WhenAll(moves.DistinctBy(move => (move.Store, move.Document.Digest))
            .Select(move => move.Store.PutManifestAsync(move.Document, [], cancel))).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        // From here on it is all or nothing: a stop in the middle would leave half of them moved.
        for (var moved = 0; moved < steps.Count; moved++)
        {
            try
            {
                await PutAsync(steps[moved], CancellationToken.None).ConfigureAwait(false);
            }
            catch (ImageException failure)
            {
                throw await PutBackAsync([.. steps.Take(moved).SelectMany(step => step)], steps[moved][0], failure).ConfigureAwait(false);
            }
        }
    }

    // Tags of a layout that hold one document move together.
    private static List<IReadOnlyList<TagMove>> Steps(IReadOnlyList<TagMove> moves) =>
        [.. moves.GroupBy(move => (move.Store, move.Document.Digest, Alone: MovesTogether(move.Store) ? null : move.Tag)).Select(group => group.ToList())];

    private static bool MovesTogether(IImageStore store) => store is IConditionalTags { HonorsCondition: true };

    private static Task PutAsync(IReadOnlyList<TagMove> step, CancellationToken cancel) =>
        step[0].Store.PutManifestAsync(step[0].Document, [.. step.Select(move => move.Tag)], cancel);

    private static async Task<TagsPartlyMovedException> PutBackAsync(List<TagMove> moved, TagMove failed, ImageException cause)
    {
        var (restored, left) = (new List<string>(), new List<string>());
        // Of tags in one place the tag says enough.
        var isOnePlace = moved.TrueForAll(move => move.Store == failed.Store);
        foreach (var move in Enumerable.Reverse(moved))
            (await TryPutBackAsync(move).ConfigureAwait(false) ? restored : left).Add(isOnePlace ? move.Tag : $"{move.Name}");
        return new TagsPartlyMovedException($"{failed.Name}", restored, left, cause) { Subject = $"{failed.Name}" };
    }

    // A tag that held nothing, or that nobody looked at, has nothing to go back to.
    private static async Task<bool> TryPutBackAsync(TagMove move)
    {
        if (move.Previous is not { } held)
            return false;
        try
        {
            var before = await move.Store.GetManifestAsync($"{held}", CancellationToken.None).ConfigureAwait(false);
            await move.Store.PutManifestAsync(before, [move.Tag], CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (ImageException)
        {
            // The failure that is reported is the first one; the list of tags that are left says the rest.
            return false;
        }
    }
}
