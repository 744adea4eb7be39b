using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>
/// Copies images and fat manifests from one place to another, byte for byte. What a manifest refers to is there before the manifest is, and
/// tags come last: whoever pulls meanwhile gets the old image or the new one, whole.
/// </summary>
/// <param name="source">Where from.</param>
/// <param name="target">Where to.</param>
/// <param name="sink">Told of progress.</param>
/// <param name="throttleLimit">Blobs that are on their way at a time.</param>
/// <param name="mountFrom">Where the target's registry has the blobs already, so that they need not be sent; null for the source itself.</param>
public sealed class ImageTransfer(
    IImageStore source, IImageStore target, IActivitySink sink, int throttleLimit, ImageReference? mountFrom = null) : IDisposable
{
    // A layer that several images share is brought once, whoever asks first.
    private readonly ConcurrentDictionary<Digest, Lazy<Task>> _blobs = new();
    private readonly SemaphoreSlim _throttle = new(throttleLimit);

    /// <summary>Copies what a tag or digest means, and puts it under the tags (under its digest only where there are none).</summary>
    /// <exception cref="ManifestNotFoundException">The source does not have it.</exception>
    public async Task<Manifest> CopyAsync(string tagOrDigest, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        var manifest = await source.GetManifestAsync(tagOrDigest, cancel).ConfigureAwait(false);
        await CopyAsync(manifest, tags, cancel).ConfigureAwait(false);
        return manifest;
    }

    /// <summary>Copies a document that is in hand, with all that it refers to.</summary>
    public async Task CopyAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel) =>
        await CopyAsync(await ImageTree.ReadAsync(source, manifest, cancel).ConfigureAwait(false), tags, cancel).ConfigureAwait(false);

    /// <summary>Copies documents that are in hand, with the content of their images.</summary>
    public async Task CopyAsync(ImageTree tree, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        var activity = $"Copying to {target.Place}{(tags.Count == 0 ? "" : $":{tags[0]}")}";
        var meter = new TransferMeter(activity, sink);
        try
        {
            await CopyContentAsync(tree, meter, cancel).ConfigureAwait(false);
            await target.PutManifestAsync(tree.Document, tags, cancel).ConfigureAwait(false);
        }
        finally
        {
            meter.Complete();
        }
    }

    /// <summary>Brings all that a document refers to, so that the document itself can follow under its names.</summary>
    public async Task BringAsync(ImageTree tree, CancellationToken cancel)
    {
        var meter = new TransferMeter($"Copying to {target.Place}", sink);
        try
        {
            await CopyContentAsync(tree, meter, cancel).ConfigureAwait(false);
        }
        finally
        {
            meter.Complete();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _throttle.Dispose();

    private async Task CopyContentAsync(ImageTree tree, TransferMeter meter, CancellationToken cancel)
    {
        if (!tree.Document.IsIndex)
        {
            await Task.WhenAll(tree.Blobs.Select(blob => CopyBlobOnceAsync(blob, meter, cancel))).ConfigureAwait(false);
            return;
        }
        await Task.WhenAll(tree.Children.Select(async child =>
        {
            await CopyContentAsync(child, meter, cancel).ConfigureAwait(false);
            await target.PutManifestAsync(child.Document, [], cancel).ConfigureAwait(false);
        })).ConfigureAwait(false);
    }

    private Task CopyBlobOnceAsync(Descriptor blob, TransferMeter meter, CancellationToken cancel) =>
        _blobs.GetOrAdd(blob.Digest, _ => new Lazy<Task>(() => CopyBlobAsync(blob, meter, cancel))).Value;

    private async Task CopyBlobAsync(Descriptor blob, TransferMeter meter, CancellationToken cancel)
    {
        meter.Expect(blob);
        await _throttle.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var from = BlobSource.Of(source, blob).Metered(meter.Of(blob)) with { Place = mountFrom ?? source.Place };
            var how = await target.PutBlobAsync(blob, from, cancel).ConfigureAwait(false);
            if (how != BlobTransfer.Sent)
                meter.Add(blob.Size);
            sink.Verbose($"{blob.Digest.Short} {ByteSize.Format(blob.Size)}: {how.ToString().ToLowerInvariant()}");
        }
        finally
        {
            meter.Complete(blob);
            _throttle.Release();
        }
    }
}
