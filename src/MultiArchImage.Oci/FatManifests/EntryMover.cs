using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Brings entries to where their fat manifest will be: mounted within a registry, copied from anywhere else.</summary>
internal sealed class EntryMover(IActivitySink sink, int throttleLimit)
{
    public async Task BringAsync(IReadOnlyList<EntryMove> moves, IImageStore target, CancellationToken cancel)
    {
        foreach (var move in moves)
        {
            using var transfer = new ImageTransfer(move.Source, target, sink, throttleLimit);
            await Task.WhenAll(move.Digests.Select(digest => transfer.CopyAsync(digest.ToString(), [], cancel))).ConfigureAwait(false);
        }
    }
}
