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
            await _mover.BringAsync(plan.Moves, plan.Store, cancel).ConfigureAwait(false);
            foreach (var (tag, previous) in plan.Kept)
                await KeepAsync(plan, tag, $"{previous}", cancel).ConfigureAwait(false);
            await TagBurst.MoveAsync([.. plan.TagsToPush.Select(tag => Move(plan, tag))], cancel).ConfigureAwait(false);
        }
        return plan.ToFatManifest(plan.Outcome);
    }

    private static TagMove Move(FatManifestPlan plan, string tag) => new(plan.Store, tag, plan.Index.Document, plan.Previous.GetValueOrDefault(tag));

    private static async Task KeepAsync(FatManifestPlan plan, string tag, string previous, CancellationToken cancel)
    {
        var document = await plan.Store.GetManifestAsync(previous, cancel).ConfigureAwait(false);
        await plan.Store.PutManifestAsync(document, [tag], cancel).ConfigureAwait(false);
    }
}
