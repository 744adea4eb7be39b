using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
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
public sealed class ImageTransfer(IImageStore source, IImageStore target, IActivitySink sink, int throttleLimit) : IDisposable
{
    // An index in an index in an index is somebody's mistake or malice.
    private const int MaximumDepth = 4;

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
    public async Task CopyAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        var activity = $"Copying to {target.Place}{(tags.Count == 0 ? "" : $":{tags[0]}")}";
        var meter = new TransferMeter(activity, sink);
        try
        {
            await CopyContentAsync(manifest, meter, 0, cancel).ConfigureAwait(false);
            await target.PutManifestAsync(manifest, tags, cancel).ConfigureAwait(false);
        }
        finally
        {
            meter.Complete();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _throttle.Dispose();

    private Task CopyContentAsync(Manifest manifest, TransferMeter meter, int depth, CancellationToken cancel)
    {
        if (depth >= MaximumDepth)
            throw new InvalidImageException($"{source.Place}@{manifest.Digest.Short}", $"is an index nested more than {MaximumDepth} deep");
        return manifest.IsIndex
            ? Task.WhenAll(ImageIndex.Parse(manifest).Entries.DistinctBy(entry => entry.Digest)
                .Select(entry => CopyEntryAsync(entry, meter, depth + 1, cancel)))
            : Task.WhenAll(ImageManifest.Parse(manifest).Blobs.DistinctBy(blob => blob.Digest)
                .Where(blob => !MediaTypes.IsNonDistributable(blob.MediaType))
                .Select(blob => CopyBlobOnceAsync(blob, meter, cancel)));
    }

    private async Task CopyEntryAsync(Descriptor entry, TransferMeter meter, int depth, CancellationToken cancel)
    {
        var child = await source.GetManifestAsync(entry.Digest.ToString(), cancel).ConfigureAwait(false);
        await CopyContentAsync(child, meter, depth, cancel).ConfigureAwait(false);
        await target.PutManifestAsync(child, [], cancel).ConfigureAwait(false);
    }

    private Task CopyBlobOnceAsync(Descriptor blob, TransferMeter meter, CancellationToken cancel) =>
        _blobs.GetOrAdd(blob.Digest, _ => new Lazy<Task>(() => CopyBlobAsync(blob, meter, cancel))).Value;

    private async Task CopyBlobAsync(Descriptor blob, TransferMeter meter, CancellationToken cancel)
    {
        meter.Expect(blob);
        await _throttle.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var from = new BlobSource(
                async token => new MeteredStream(await source.OpenBlobAsync(blob, token).ConfigureAwait(false), meter.Add), source.Place);
            var how = await target.PutBlobAsync(blob, from, cancel).ConfigureAwait(false);
            if (how != BlobTransfer.Sent)
                meter.Add(blob.Size);
            sink.Verbose($"{blob.Digest.Short} {ByteSize.Format(blob.Size)}: {how.ToString().ToLowerInvariant()}");
        }
        finally
        {
            _throttle.Release();
        }
    }
}
