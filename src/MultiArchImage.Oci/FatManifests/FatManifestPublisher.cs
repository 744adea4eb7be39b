using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Carries a plan out: brings the entries that are elsewhere, then pushes the document, last and whole.</summary>
public sealed class FatManifestPublisher(IActivitySink sink, int throttleLimit)
{
    /// <summary>Publishes; where every tag holds the document already, nothing is sent.</summary>
    public async Task<FatManifest> PublishAsync(FatManifestPlan plan, CancellationToken cancel)
    {
        if (plan.TagsToPush.Count > 0)
        {
            foreach (var move in plan.Moves)
                await MoveAsync(plan, move, cancel).ConfigureAwait(false);
            await plan.Store.PutManifestAsync(plan.Index.Document, plan.TagsToPush, cancel).ConfigureAwait(false);
        }
        return plan.ToFatManifest(plan.Outcome);
    }

    private async Task MoveAsync(FatManifestPlan plan, EntryMove move, CancellationToken cancel)
    {
        using var transfer = new ImageTransfer(move.Source, plan.Store, sink, throttleLimit);
        await Task.WhenAll(move.Digests.Select(digest => transfer.CopyAsync(digest.ToString(), [], cancel))).ConfigureAwait(false);
    }
}
