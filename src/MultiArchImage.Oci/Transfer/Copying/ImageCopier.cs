using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>Carries copies out: what the names are to hold is brought to their places, then the names move, all or none.</summary>
public sealed class ImageCopier(IActivitySink sink, int throttleLimit) : IDisposable
{
    // One for each way, so that a layer that several images share is brought once.
    private readonly ConcurrentDictionary<(IImageStore From, IImageStore To, ImageReference? Mount), ImageTransfer> _transfers = new();

    /// <summary>Copies.</summary>
    /// <exception cref="TagsPartlyMovedException">Not all tags of the only place could be moved.</exception>
    /// <exception cref="NamesPartlyMovedException">Not all names of several places could be moved.</exception>
    public async Task CopyAsync(CopyPlan plan, CancellationToken cancel)
    {
        // Of several places in one registry the later ones mount what the first one got.
        await Task.WhenAll(plan.Receiving.GroupBy(place => place.Place is { IsFile: true } file ? file.Path : place.Place.Registry)
            .Select(places => BringAsync(plan, places, cancel))).ConfigureAwait(false);
        await new NameBurst([.. plan.Changing.GroupBy(target => target.Store).Select(targets => Move(plan, [.. targets]))]).MoveAsync(cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var transfer in _transfers.Values)
            transfer.Dispose();
    }

    private static NameMove Move(CopyPlan plan, IReadOnlyList<CopyTarget> targets) => new(
        targets[0].Store, plan.Tree.Document,
        [.. targets.Select(target => target.Tag).OfType<string>()],
        targets.All(target => target.WasLookedAt)
            ? targets.Where(target => target is { Tag: not null, Previous: not null }).ToDictionary(target => target.Tag!, target => target.Previous!)
            : null);

    private async Task BringAsync(CopyPlan plan, IEnumerable<IImageStore> places, CancellationToken cancel)
    {
        foreach (var place in places)
            await BringAsync(plan, place, cancel).ConfigureAwait(false);
    }

    // The document itself comes with its tags; what refers to it comes after it (distribution-spec: Pushing Manifests with Subject).
    private async Task BringAsync(CopyPlan plan, IImageStore target, CancellationToken cancel)
    {
        var transfer = _transfers.GetOrAdd(
            (plan.From, target, plan.MountFrom(target)), way => new ImageTransfer(way.From, way.To, sink, throttleLimit, way.Mount));
        var referrers = plan.ReferrersFor(target);
        if (plan.Places.Contains(target))
        {
            await transfer.BringAsync(plan.Tree, cancel).ConfigureAwait(false);
            if (referrers.Count > 0)
                await target.PutManifestAsync(plan.Tree.Document, [], cancel).ConfigureAwait(false);
        }
        foreach (var referrer in referrers)
            await transfer.CopyAsync(referrer.Tree, referrer.Tag is { } tag ? [tag] : [], cancel).ConfigureAwait(false);
        foreach (var subject in referrers.Where(referrer => referrer.Tag is null).GroupBy(referrer => referrer.Subject))
            await ListAsync(target, subject.Key, [.. subject.Select(referrer => referrer.Entry)], cancel).ConfigureAwait(false);
    }

    private static async Task ListAsync(IImageStore target, Digest subject, IReadOnlyList<Descriptor> referrers, CancellationToken cancel)
    {
        if (target is IReferrersApi api && await api.TryListReferrersAsync(subject, cancel).ConfigureAwait(false) is not null)
            return;
        await ReferrerTag.AddAsync(target, subject, referrers, cancel).ConfigureAwait(false);
    }
}
