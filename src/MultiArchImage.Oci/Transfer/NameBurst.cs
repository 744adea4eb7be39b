namespace MultiArchImage.Oci.Transfer;

/// <summary>
/// Moves names of several places, all or none: every document is everywhere by digest before the first tag moves; then the tags follow, place by
/// place, and where one cannot, those before it are put back.
/// </summary>
internal sealed class NameBurst(IReadOnlyList<NameMove> moves)
{
    /// <exception cref="TagsPartlyMovedException">Not all tags of the only place could be moved.</exception>
    /// <exception cref="NamesPartlyMovedException">Not all names of several places could be moved.</exception>
    public async Task MoveAsync(CancellationToken cancel)
    {
        if (moves is [var only])
        {
            await new TagBurst(only).MoveAsync(cancel).ConfigureAwait(false);
            return;
        }
        // Names of one repository share the document, which registries do not like to be put there twice at the same time.
        await Task.WhenAll(moves.DistinctBy(move => (move.Store, move.Document.Digest))
            .Select(move => move.Store.PutManifestAsync(move.Document, [], cancel))).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        // From here on a stop would leave half of them moved.
        await MoveTagsAsync([.. moves.Where(move => move.Tags.Count > 0)]).ConfigureAwait(false);
    }

    private static async Task MoveTagsAsync(IReadOnlyList<NameMove> tagged)
    {
        for (var moved = 0; moved < tagged.Count; moved++)
        {
            try
            {
                await new TagBurst(tagged[moved]).MoveAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (ImageException failure)
            {
                throw await UndoAsync([.. tagged.Take(moved)], $"{tagged[moved].NameOf(tagged[moved].Tags[0])}", failure).ConfigureAwait(false);
            }
        }
    }

    private static async Task<NamesPartlyMovedException> UndoAsync(IReadOnlyList<NameMove> moved, string failed, ImageException cause)
    {
        var (restored, left) = (new List<string>(), new List<string>());
        foreach (var move in moved.Reverse())
        {
            var undone = await new TagBurst(move).UndoAsync(move.Tags).ConfigureAwait(false);
            restored.AddRange(undone.Restored.Select(tag => $"{move.NameOf(tag)}"));
            left.AddRange(undone.Left.Select(tag => $"{move.NameOf(tag)}"));
        }
        return new NamesPartlyMovedException(failed, restored, left, cause) { Subject = failed };
    }
}
