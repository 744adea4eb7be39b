using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>Completes a plan whose names are known: with what has to be brought to each place, and what that takes.</summary>
internal sealed class CopyContentPlanner(IImageStore source, IActivitySink sink)
{
    private readonly ContentReader _contents = new(source);

    public async Task<CopyPlan> CompleteAsync(CopyPlan plan, Manifest original, CopyRequest request, CancellationToken cancel)
    {
        var hasReferrers = request.IncludeReferrers && plan.Targets.Any(target => target.Store.Place != source.Place);
        if (!hasReferrers && !plan.Targets.Any(target => target.NeedsContent))
            return await PriceAsync(plan, cancel).ConfigureAwait(false);
        var content = await _contents.ReadAsync(plan.Document, cancel).ConfigureAwait(false);
        var referrers = hasReferrers ? await ReadReferrersAsync(content, original, cancel).ConfigureAwait(false) : ReferrerSet.Empty;
        var targets = await Task.WhenAll(plan.Targets.Select(target => WithReferrersAsync(target, referrers, request, cancel))).ConfigureAwait(false);
        return await PriceAsync(plan with { Content = content, Targets = targets }, cancel).ConfigureAwait(false);
    }

    private async Task<ReferrerSet> ReadReferrersAsync(ContentTree content, Manifest original, CancellationToken cancel)
    {
        var isWhole = content.Document.Digest == original.Digest;
        if (!isWhole)
            sink.Verbose($"what refers to {original.Digest} is about the whole index, and stays; what refers to its images is copied");
        // Nothing can be about an index that is made just now.
        var subjects = content.Documents.Select(document => document.Digest).Where(digest => isWhole || digest != content.Document.Digest);
        return await new ReferrerReader(source, _contents).ReadAsync(subjects, cancel).ConfigureAwait(false);
    }

    private async Task<CopyTarget> WithReferrersAsync(CopyTarget target, ReferrerSet referrers, CopyRequest request, CancellationToken cancel)
    {
        if (target.Store.Place == source.Place)
            return target;
        var plan = await ReferrerPlan.ForAsync(referrers, target.Store, request.NoClobber, cancel).ConfigureAwait(false);
        return target with { Referrers = plan.Contents, ReferrerTags = plan.Tags };
    }

    private async Task<CopyPlan> PriceAsync(CopyPlan plan, CancellationToken cancel) => plan with
    {
        Targets = await Task.WhenAll(plan.Targets.Select(target => PriceAsync(plan, target, cancel))).ConfigureAwait(false),
    };

    private async Task<CopyTarget> PriceAsync(CopyPlan plan, CopyTarget target, CancellationToken cancel)
    {
        var place = target.Store.Place;
        var contents = target.NeedsContent ? target.Referrers.Append(plan.Content) : target.Referrers;
        var blobs = contents.SelectMany(content => content.AllBlobs).DistinctBy(blob => blob.Digest).ToList();
        var present = new List<Descriptor>();
        foreach (var blob in place.IsFile ? blobs : [])
        {
            if (await target.Store.HasBlobAsync(blob.Digest, cancel).ConfigureAwait(false))
                present.Add(blob);
        }
        var isMounted = !place.IsFile && (target.MountFrom ?? source.Place).Registry == place.Registry;
        var absent = blobs.Except(present).ToList();
        var documents = plan.DocumentsFor(target);
        return target with
        {
            Cost = new CopyCost(
                BlobTotal.Of(isMounted ? [] : absent), BlobTotal.Of(isMounted ? absent : []), BlobTotal.Of(present), documents.Count,
                Requests(plan, target, documents, absent.Count, isMounted)) { IsExact = place.IsFile },
        };
    }

    private int Requests(CopyPlan plan, CopyTarget target, IReadOnlyList<Manifest> documents, int blobs, bool isMounted)
    {
        // A blob that is sent is read by a GET, announced by a POST and sent by a PUT; one that is mounted is a POST.
        var reads = isMounted || source.Place.IsFile ? 0 : blobs;
        if (target.Store.Place.IsFile)
            return reads;
        var moves = plan.TagMoves;
        var tags = moves.Where(move => move.Store == target.Store).ToList();
        // A tag alone carries its document along; several follow the document.
        var carried = moves.Count == 1 && tags.Count == 1 ? 1 : 0;
        return reads + (isMounted ? blobs : 2 * blobs) + documents.Count - carried + tags.Count;
    }
}
