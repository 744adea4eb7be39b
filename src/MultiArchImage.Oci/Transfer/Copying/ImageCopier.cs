using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>
/// Carries copies out: everything is everywhere by digest before the first tag moves, then the tags follow, and where one cannot, those before it are
/// put back.
/// </summary>
public sealed class ImageCopier(IActivitySink sink, int throttleLimit) : IDisposable
{
    // One for each way, so that a layer that several images share is brought once.
    private readonly ConcurrentDictionary<(IImageStore From, IImageStore To, ImageReference? Mount), ImageTransfer> _transfers = new();

    /// <summary>Copies.</summary>
    /// <exception cref="NamesPartlyMovedException">Not all of several names could be moved.</exception>
    public async Task CopyAsync(CopyPlan plan, CancellationToken cancel)
    {
        // Of several places in one registry the later ones mount what the first one got.
        await Task.WhenAll(plan.Receiving.GroupBy(place => place.Place is { IsFile: true } file ? file.Path : place.Place.Registry)
            .Select(places => BringAsync(plan, places, cancel))).ConfigureAwait(false);
        var moves = plan.Changing.Where(target => target.Tag is not null).GroupBy(target => target.Store).ToList();
        if (moves.Count > 1 || (moves.Count == 0 && plan.Changing.Any()))
            await Task.WhenAll(plan.Changing.Select(target => target.Store).Distinct().Select(store => store.PutManifestAsync(plan.Tree.Document, [], cancel))).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        await MoveAsync(plan, moves, moves.Count > 1 ? CancellationToken.None : cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var transfer in _transfers.Values)
            transfer.Dispose();
    }

    private static async Task MoveAsync(CopyPlan plan, IReadOnlyList<IGrouping<IImageStore, CopyTarget>> moves, CancellationToken cancel)
    {
        for (var moved = 0; moved < moves.Count; moved++)
        {
            try
            {
                await Burst(plan, moves[moved]).MoveAsync(Tags(moves[moved]), cancel).ConfigureAwait(false);
            }
            catch (ImageException failure) when (moves.Count > 1)
            {
                throw await UndoAsync(plan, [.. moves.Take(moved)], moves[moved], failure).ConfigureAwait(false);
            }
        }
    }

    private static async Task<NamesPartlyMovedException> UndoAsync(
        CopyPlan plan, IReadOnlyList<IGrouping<IImageStore, CopyTarget>> moved, IGrouping<IImageStore, CopyTarget> failed, ImageException cause)
    {
        var (restored, left) = (new List<string>(), new List<string>());
        foreach (var move in moved.Reverse())
        {
            var undone = await Burst(plan, move).UndoAsync(Tags(move)).ConfigureAwait(false);
            restored.AddRange(undone.Restored.Select(tag => $"{move.Key.Place.WithTag(tag)}"));
            left.AddRange(undone.Left.Select(tag => $"{move.Key.Place.WithTag(tag)}"));
        }
        return new NamesPartlyMovedException($"{failed.First().Name}", restored, left, cause) { Subject = $"{failed.First().Name}" };
    }

    private static List<string> Tags(IEnumerable<CopyTarget> targets) => [.. targets.Select(target => target.Tag!)];

    private static TagBurst Burst(CopyPlan plan, IGrouping<IImageStore, CopyTarget> targets) => new(
        targets.Key, plan.Tree.Document,
        targets.All(target => target.WasLookedAt)
            ? targets.Where(target => target.Previous is not null).ToDictionary(target => target.Tag!, target => target.Previous!)
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
