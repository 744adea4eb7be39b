using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Images that are in another place than their fat manifest will be.</summary>
/// <param name="Source">Where they are.</param>
/// <param name="Entries">Their manifests and attestations.</param>
public sealed record EntryMove(IImageStore Source, IReadOnlyList<MovedEntry> Entries)
{
    /// <summary>How many manifests are yet to be read from <see cref="Source"/>.</summary>
    public int Pulls => Entries.Count(entry => entry.Document is null);

    /// <summary>What the move would take; manifests that are not in hand are read for it.</summary>
    internal async Task<TransferForecast> ForecastAsync(IImageStore target, CancellationToken cancel)
    {
        var trees = await Task.WhenAll(Entries.Select(async entry => await ImageTree.ReadAsync(
            Source, entry.Document ?? await Source.GetManifestAsync($"{entry.Digest}", cancel).ConfigureAwait(false), cancel).ConfigureAwait(false))).ConfigureAwait(false);
        return await TransferForecast.LookAsync(Source, target, trees, Pulls, cancel).ConfigureAwait(false);
    }

    /// <summary>The moves that bring all candidates to where the fat manifest will be.</summary>
    internal static IReadOnlyList<EntryMove> To(ImageReference target, IEnumerable<Candidate> candidates) =>
        [.. candidates.Where(candidate => candidate.Store.Place != target.Place)
            .GroupBy(candidate => candidate.Store)
            .Select(group => new EntryMove(group.Key, [.. group.SelectMany(MovedEntry.Of).DistinctBy(entry => entry.Digest)]))];
}

/// <summary>A manifest that is brought from one place to another.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Document">The manifest, where it was read already and need not be read again; null where it was not.</param>
public sealed record MovedEntry(Digest Digest, Manifest? Document)
{
    internal static IEnumerable<MovedEntry> Of(Candidate candidate) =>
        candidate.Attestations.Select(attestation => new MovedEntry(attestation.Digest, null))
            .Prepend(new MovedEntry(candidate.Entry.Digest, candidate.Content?.Image.Document));
}
