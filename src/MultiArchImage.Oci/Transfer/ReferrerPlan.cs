using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>What has to be done at one place so that referrers are found there.</summary>
/// <param name="Contents">Those that are not there yet.</param>
/// <param name="Tags">The tags by which they are found.</param>
internal sealed record ReferrerPlan(IReadOnlyList<ContentTree> Contents, IReadOnlyList<TagMove> Tags)
{
    /// <summary>Nothing.</summary>
    public static ReferrerPlan Empty { get; } = new([], []);

    /// <summary>Plans for one place.</summary>
    /// <param name="referrers">What is to be there.</param>
    /// <param name="target">The place.</param>
    /// <param name="noClobber">Whether a tag of cosign that holds something else is an error.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UnsupportedPlaceException">The place keeps no referrers.</exception>
    /// <exception cref="TagTakenException">A tag of cosign holds something else.</exception>
    public static async Task<ReferrerPlan> ForAsync(ReferrerSet referrers, IImageStore target, bool noClobber, CancellationToken cancel)
    {
        var linked = await Task.WhenAll(referrers.Linked.GroupBy(referrer => referrer.Subject)
            .Select(group => LinkAsync(group.Key, [.. group], target, cancel))).ConfigureAwait(false);
        var tagged = await Task.WhenAll(referrers.Tagged.Select(referrer => TagAsync(referrer, target, noClobber, cancel))).ConfigureAwait(false);
        var all = linked.Concat(tagged).ToList();
        return new ReferrerPlan(
            [.. all.SelectMany(plan => plan.Contents).DistinctBy(content => content.Document.Digest)], [.. all.SelectMany(plan => plan.Tags)]);
    }

    // What the place has of its own stays: the index under the tag is joined, not replaced.
    private static async Task<ReferrerPlan> LinkAsync(
        Digest subject, IReadOnlyList<LinkedReferrer> referrers, IImageStore target, CancellationToken cancel)
    {
        if (target is not IReferrers place)
            throw new UnsupportedPlaceException($"{target.Place} as the destination of referrers") { Subject = $"{target.Place}" };
        var present = await place.ListReferrersAsync(subject, cancel).ConfigureAwait(false);
        var known = present.Select(entry => entry.Digest).ToHashSet();
        var missing = referrers.Where(referrer => !known.Contains(referrer.Entry.Digest)).ToList();
        if (missing.Count == 0)
            return Empty;
        IReadOnlyList<ContentTree> contents = [.. missing.Select(referrer => referrer.Content)];
        if (await place.FindsReferrersAsync(subject, cancel).ConfigureAwait(false))
            return new ReferrerPlan(contents, []);
        var tag = ReferrersTag.Of(subject);
        var held = await target.ResolveAsync(tag, cancel).ConfigureAwait(false);
        var index = ReferrersIndex.Of(present.Concat(missing.Select(referrer => referrer.Entry)));
        return new ReferrerPlan(contents, [new TagMove(target, tag, index, held?.Digest)]);
    }

    private static async Task<ReferrerPlan> TagAsync(TaggedReferrer referrer, IImageStore target, bool noClobber, CancellationToken cancel)
    {
        var held = await target.ResolveAsync(referrer.Tag, cancel).ConfigureAwait(false);
        var document = referrer.Content.Document;
        if (held?.Digest == document.Digest)
            return Empty;
        if (held is not null && noClobber)
            throw TagTakenException.Of(target.Place.WithTag(referrer.Tag), held.Digest);
        return new ReferrerPlan([referrer.Content], [new TagMove(target, referrer.Tag, document, held?.Digest)]);
    }
}
