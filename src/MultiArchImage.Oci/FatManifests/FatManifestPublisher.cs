using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Carries a plan out: brings the entries that are elsewhere, keeps what is replaced, then pushes the document, last and whole.</summary>
public sealed class FatManifestPublisher(IActivitySink sink, int throttleLimit)
{
    private readonly EntryMover _mover = new(sink, throttleLimit);

    /// <summary>Publishes; where every tag holds the document already, nothing is sent.</summary>
    /// <exception cref="TagsPartlyMovedException">Not all of several tags could be moved.</exception>
    public async Task<FatManifest> PublishAsync(FatManifestPlan plan, CancellationToken cancel)
    {
        if (plan.TagsToPush.Count > 0)
        {
            await PrepareAsync(plan, cancel).ConfigureAwait(false);
            await Burst(plan).MoveAsync(plan.TagsToPush, cancel).ConfigureAwait(false);
        }
        return plan.ToFatManifest(plan.Outcome);
    }

    /// <summary>
    /// Publishes under several names, also in several registries, all or none: everything is everywhere by digest before the first tag moves, and
    /// where one name cannot have it, those before it are put back.
    /// </summary>
    /// <exception cref="NamesPartlyMovedException">A name could not be moved.</exception>
    public async Task<IReadOnlyList<FatManifest>> PublishAsync(IReadOnlyList<FatManifestPlan> plans, CancellationToken cancel)
    {
        var changing = plans.Where(plan => plan.TagsToPush.Count > 0).ToList();
        await Task.WhenAll(changing.Select(plan => PrepareAsync(plan, cancel))).ConfigureAwait(false);
        // Names of one repository share the document, which registries do not like to be put there twice at the same time.
        await Task.WhenAll(changing.DistinctBy(plan => (plan.Store, plan.Index.Digest))
            .Select(plan => plan.Store.PutManifestAsync(plan.Index.Document, [], cancel))).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        for (var moved = 0; moved < changing.Count; moved++)
        {
            try
            {
                await Burst(changing[moved]).MoveAsync(changing[moved].TagsToPush, CancellationToken.None).ConfigureAwait(false);
            }
            catch (ImageException failure)
            {
                throw await UndoAsync([.. changing.Take(moved)], changing[moved], failure).ConfigureAwait(false);
            }
        }
        return [.. plans.Select(plan => plan.ToFatManifest(plan.Outcome))];
    }

    private static TagBurst Burst(FatManifestPlan plan) => new(plan.Store, plan.Index.Document, plan.WasLookedAt ? plan.Previous : null);

    private static async Task<NamesPartlyMovedException> UndoAsync(IReadOnlyList<FatManifestPlan> moved, FatManifestPlan failed, ImageException cause)
    {
        var (restored, left) = (new List<string>(), new List<string>());
        foreach (var plan in moved.Reverse())
        {
            var undone = await Burst(plan).UndoAsync(plan.TagsToPush).ConfigureAwait(false);
            restored.AddRange(undone.Restored.Select(tag => $"{plan.Target.WithTag(tag)}"));
            left.AddRange(undone.Left.Select(tag => $"{plan.Target.WithTag(tag)}"));
        }
        return new NamesPartlyMovedException($"{failed.Target}", restored, left, cause) { Subject = $"{failed.Target}" };
    }

    private async Task PrepareAsync(FatManifestPlan plan, CancellationToken cancel)
    {
        await _mover.BringAsync(plan.Moves, plan.Store, cancel).ConfigureAwait(false);
        foreach (var (tag, previous) in plan.Kept)
            await KeepAsync(plan, tag, $"{previous}", cancel).ConfigureAwait(false);
    }

    private static async Task KeepAsync(FatManifestPlan plan, string tag, string previous, CancellationToken cancel)
    {
        var document = await plan.Store.GetManifestAsync(previous, cancel).ConfigureAwait(false);
        await plan.Store.PutManifestAsync(document, [tag], cancel).ConfigureAwait(false);
    }
}
