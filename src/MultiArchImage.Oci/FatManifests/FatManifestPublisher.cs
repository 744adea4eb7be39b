using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Carries a plan out: brings the entries that are elsewhere, keeps what is replaced, then pushes the document, last and whole.</summary>
public sealed class FatManifestPublisher(IActivitySink sink, int throttleLimit)
{
    private readonly EntryMover _mover = new(sink, throttleLimit);

    /// <summary>Publishes; where every tag holds the document already, nothing is sent.</summary>
    /// <exception cref="TagsPartlyMovedException">Not all of several tags could be moved.</exception>
    public async Task<FatManifest> PublishAsync(FatManifestPlan plan, CancellationToken cancel) =>
        (await PublishAsync([plan], cancel).ConfigureAwait(false))[0];

    /// <summary>Publishes under several names, also in several registries, all or none.</summary>
    /// <exception cref="TagsPartlyMovedException">Not all tags of the only name that changes could be moved.</exception>
    /// <exception cref="NamesPartlyMovedException">A name could not be moved.</exception>
    public async Task<IReadOnlyList<FatManifest>> PublishAsync(IReadOnlyList<FatManifestPlan> plans, CancellationToken cancel)
    {
        var changing = plans.Where(plan => plan.TagsToPush.Count > 0).ToList();
        await Task.WhenAll(changing.Select(plan => PrepareAsync(plan, cancel))).ConfigureAwait(false);
        await new NameBurst([.. changing.Select(Move)]).MoveAsync(cancel).ConfigureAwait(false);
        return [.. plans.Select(plan => plan.ToFatManifest(plan.Outcome))];
    }

    private static NameMove Move(FatManifestPlan plan) =>
        new(plan.Store, plan.Index.Document, plan.TagsToPush, plan.WasLookedAt ? plan.Previous : null);

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
