using System.Globalization;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>What it would take to bring images, with all that they refer to, from one place to another.</summary>
/// <param name="Source">Where from.</param>
/// <param name="Target">Where to.</param>
/// <param name="Manifests">How many manifests there are.</param>
/// <param name="Pulls">How many of them are yet to be read from a registry.</param>
/// <param name="Blobs">The blobs, each once, and the way that each will take.</param>
public sealed record TransferForecast(ImageReference Source, ImageReference Target, int Manifests, int Pulls, IReadOnlyList<(Descriptor Blob, BlobTransfer Way)> Blobs)
{
    /// <summary>Asks the target for each blob.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="target">Where to.</param>
    /// <param name="trees">The images.</param>
    /// <param name="pulls">How many documents of them the work itself has yet to read.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="mountFrom">Where the target's registry will have the blobs by then; null for the source itself.</param>
    internal static async Task<TransferForecast> LookAsync(
        IImageStore source, IImageStore target, IReadOnlyList<ImageTree> trees, int pulls, CancellationToken cancel, ImageReference? mountFrom = null)
    {
        var holder = mountFrom ?? source.Place;
        var isNear = !holder.IsFile && holder.Registry == target.Place.Registry;
        var blobs = await Task.WhenAll(trees.SelectMany(tree => tree.Blobs).DistinctBy(blob => blob.Digest).Select(async blob =>
            (blob, await target.HasBlobAsync(blob.Digest, cancel).ConfigureAwait(false) ? BlobTransfer.Present : Away(blob.Digest)))).ConfigureAwait(false);
        var documents = trees.SelectMany(tree => tree.Documents).DistinctBy(document => document.Digest).Count();
        return new TransferForecast(source.Place, target.Place, documents, source.Place.IsFile ? 0 : pulls, blobs);

        BlobTransfer Away(Digest blob) =>
            isNear || (target as IMountSources)?.MayMount(blob) == true ? BlobTransfer.Mounted : BlobTransfer.Sent;
    }

    /// <summary>How many requests it takes: a manifest is read and put; a blob that is sent is read, begun and put, any other asked for once.</summary>
    public int Requests =>
        Pulls + (Target.IsFile ? 0 : Manifests) + Blobs.Sum(blob => blob.Way switch
        {
            BlobTransfer.Sent => (Source.IsFile ? 0 : 1) + (Target.IsFile ? 0 : 2),
            _ => Target.IsFile ? 0 : 1,
        });

    /// <summary>Bytes that go over the wire.</summary>
    public long BytesSent => ByteSize.Sum(Blobs.Where(blob => blob.Way == BlobTransfer.Sent).Select(blob => blob.Blob.Size));

    /// <summary><c>2 manifests and 6 blobs from quay.io/a/b: 2 there already, 1.2 MB; 4 sent, 45.6 MB</c>.</summary>
    public override string ToString()
    {
        var ways = Blobs.GroupBy(blob => blob.Way).OrderBy(way => way.Key).Select(way => string.Create(
            CultureInfo.InvariantCulture, $"{way.Count()} {Word(way.Key)}, {ByteSize.Format(ByteSize.Sum(way.Select(blob => blob.Blob.Size)))}"));
        return $"{Manifests} manifest{(Manifests == 1 ? "" : "s")} and {Blobs.Count} blobs from {Source}{(Blobs.Count == 0 ? "" : $": {string.Join("; ", ways)}")}";
    }

    private static string Word(BlobTransfer way) => way switch
    {
        BlobTransfer.Sent => "sent",
        BlobTransfer.Mounted => "mounted",
        _ => "there already",
    };
}
