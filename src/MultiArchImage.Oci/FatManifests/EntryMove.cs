using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Images that are in another place than their fat manifest will be.</summary>
/// <param name="Source">Where they are.</param>
/// <param name="Digests">Their manifests and attestations.</param>
public sealed record EntryMove(IImageStore Source, IReadOnlyList<Digest> Digests)
{
    /// <summary>The moves that bring all candidates to where the fat manifest will be.</summary>
    internal static IReadOnlyList<EntryMove> To(ImageReference target, IEnumerable<Candidate> candidates) =>
        [.. candidates.Where(candidate => candidate.Store.Place != target.Place)
            .GroupBy(candidate => candidate.Store)
            .Select(group => new EntryMove(group.Key, [.. group.SelectMany(candidate => candidate.Entries).Select(entry => entry.Digest).Distinct()]))];
}
