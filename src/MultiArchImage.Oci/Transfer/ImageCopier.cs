using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>
/// Carries copies out: all content goes to all destinations, by digest, before the first tag moves; then the tags, in one burst. What fails before
/// that has changed no name, and a tag that cannot be moved puts the others back.
/// </summary>
public sealed class ImageCopier(IActivitySink sink, int throttleLimit) : IDisposable
{
    // One for each way, so that a layer that several images share is brought once.
    private readonly ConcurrentDictionary<(IImageStore From, IImageStore To, ImageReference? Mount), ImageTransfer> _transfers = new();

    /// <summary>Carries a plan out.</summary>
    /// <returns>A <see cref="FatManifest"/> or <see cref="ArchImage"/> for each name.</returns>
    /// <exception cref="TagsPartlyMovedException">Not all tags could be moved.</exception>
    public async Task<IEnumerable<object>> CopyAsync(CopyPlan plan, CancellationToken cancel)
    {
        // Of the places in one registry the later ones mount what the first one got.
        await Task.WhenAll(plan.Targets.GroupBy(target => target.Store.Place is { IsFile: true } file ? file.Path : target.Store.Place.Registry)
            .Select(group => BringAsync(plan, group, cancel))).ConfigureAwait(false);
        await TagBurst.MoveAsync(plan.TagMoves, cancel).ConfigureAwait(false);
        return plan.ToObjects();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var transfer in _transfers.Values)
            transfer.Dispose();
    }

    private async Task BringAsync(CopyPlan plan, IEnumerable<CopyTarget> targets, CancellationToken cancel)
    {
        foreach (var target in targets)
        {
            var contents = target.NeedsContent ? target.Referrers.Append(plan.Content).ToList() : target.Referrers;
            if (contents.Count > 0)
                await Transfer(plan, target).BringAsync(contents, target.Names[0].Name.Tag, cancel).ConfigureAwait(false);
            await PutUntaggedAsync(plan, target, cancel).ConfigureAwait(false);
        }
    }

    // What gets a tag is put by the burst.
    private static async Task PutUntaggedAsync(CopyPlan plan, CopyTarget target, CancellationToken cancel)
    {
        var tagged = target.ReferrerTags.Select(move => move.Document.Digest).ToHashSet();
        var documents = target.Referrers.Select(referrer => referrer.Document).Where(document => !tagged.Contains(document.Digest));
        if (plan.IsPutUntagged(target))
            documents = documents.Append(plan.Document);
        foreach (var document in documents)
            await target.Store.PutManifestAsync(document, [], cancel).ConfigureAwait(false);
    }

    private ImageTransfer Transfer(CopyPlan plan, CopyTarget target) => _transfers.GetOrAdd(
        (plan.SourceStore, target.Store, target.MountFrom),
        way => new ImageTransfer(way.From, way.To, sink, throttleLimit, way.Mount));
}
