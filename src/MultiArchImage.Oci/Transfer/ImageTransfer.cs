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
/// <param name="mountFrom">Where the target's registry has the blobs too, so that they need not be sent; null for the source itself.</param>
public sealed class ImageTransfer(
    IImageStore source, IImageStore target, IActivitySink sink, int throttleLimit, ImageReference? mountFrom = null) : IDisposable
{
    // What several images share is brought once, whoever asks first.
    private readonly ConcurrentDictionary<Digest, Lazy<Task>> _blobs = new();
    private readonly ConcurrentDictionary<Digest, Lazy<Task>> _documents = new();
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
        var content = await new ContentReader(source).ReadAsync(manifest, cancel).ConfigureAwait(false);
        await BringAsync([content], tags.Count == 0 ? null : tags[0], cancel).ConfigureAwait(false);
        await target.PutManifestAsync(manifest, tags, cancel).ConfigureAwait(false);
    }

    /// <summary>Brings what documents refer to, but not the documents themselves.</summary>
    /// <param name="contents">The documents.</param>
    /// <param name="tag">The tag that they will have, for the progress; null for none.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task BringAsync(IReadOnlyList<ContentTree> contents, string? tag, CancellationToken cancel)
    {
        var meter = new TransferMeter($"Copying to {target.Place}{(tag is null ? "" : $":{tag}")}", sink);
        try
        {
            await Task.WhenAll(contents.Select(content => BringAsync(content, meter, cancel))).ConfigureAwait(false);
        }
        finally
        {
            meter.Complete();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _throttle.Dispose();

    private Task BringAsync(ContentTree content, TransferMeter meter, CancellationToken cancel) => Task.WhenAll([
        .. content.Blobs.Select(blob => Once(_blobs, blob.Digest, () => CopyBlobAsync(blob, meter, cancel))),
        .. content.Children.Select(child => Once(_documents, child.Document.Digest, () => CopyEntryAsync(child, meter, cancel))),
    ]);

    private async Task CopyEntryAsync(ContentTree entry, TransferMeter meter, CancellationToken cancel)
    {
        await BringAsync(entry, meter, cancel).ConfigureAwait(false);
        await target.PutManifestAsync(entry.Document, [], cancel).ConfigureAwait(false);
    }

    private static Task Once(ConcurrentDictionary<Digest, Lazy<Task>> begun, Digest digest, Func<Task> work) =>
        begun.GetOrAdd(digest, _ => new Lazy<Task>(work)).Value;

    private async Task CopyBlobAsync(Descriptor blob, TransferMeter meter, CancellationToken cancel)
    {
        meter.Expect(blob);
        await _throttle.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var from = new BlobSource(
                async token => new MeteredStream(await source.OpenBlobAsync(blob, token).ConfigureAwait(false), meter.Add), mountFrom ?? source.Place);
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
