using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Carries a plan out: brings the entries that are elsewhere, then pushes the document, last and whole.</summary>
public sealed class FatManifestPublisher(IActivitySink sink, int throttleLimit)
{
    private readonly EntryMover _mover = new(sink, throttleLimit);

    /// <summary>Publishes; where every tag holds the document already, nothing is sent.</summary>
    public async Task<FatManifest> PublishAsync(FatManifestPlan plan, CancellationToken cancel)
    {
        if (plan.TagsToPush.Count > 0)
        {
            await _mover.BringAsync(plan.Moves, plan.Store, cancel).ConfigureAwait(false);
            await plan.Store.PutManifestAsync(plan.Index.Document, plan.TagsToPush, cancel).ConfigureAwait(false);
        }
        return plan.ToFatManifest(plan.Outcome);
    }
}
