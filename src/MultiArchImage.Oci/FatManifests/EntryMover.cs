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
            await Task.WhenAll(move.Entries.Select(entry => entry.Document is { } document
                ? transfer.CopyAsync(document, [], cancel)
                : transfer.CopyAsync($"{entry.Digest}", [], cancel))).ConfigureAwait(false);
        }
    }
}
