using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>What becomes of the entries of each platform when one index takes the place of another, in lines for people.</summary>
internal static class EntryChanges
{
    /// <summary>A line for each platform: <c>added</c>, <c>replaced</c>, <c>removed</c> or <c>unchanged</c>.</summary>
    /// <param name="before">What the name holds; null for nothing.</param>
    /// <param name="after">What it is to hold.</param>
    public static IEnumerable<string> Between(ImageIndex? before, ImageIndex after)
    {
        var old = (before?.Images ?? []).ToLookup(Key);
        var kept = after.Images.Select(Key).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in after.Images)
            yield return Line(Fate(entry, old[Key(entry)]), entry, after);
        foreach (var entry in (before?.Images ?? []).Where(entry => !kept.Contains(Key(entry))))
            yield return Line("removed", entry, before!);
    }

    private static string Fate(Descriptor entry, IEnumerable<Descriptor> old) =>
        !old.Any() ? "added" : old.Any(other => other.Digest == entry.Digest) ? "unchanged" : "replaced";

    private static string Line(string fate, Descriptor entry, ImageIndex index)
    {
        var attestations = index.Entries.Count(other => other.AttestedDigest == entry.Digest);
        var with = attestations == 0 ? "" : $", with {attestations} attestation{(attestations == 1 ? "" : "s")}";
        return $"{fate,-10} {entry.Platform,-16} {entry.Digest.Short}{with}";
    }

    // Entries without a platform are told apart by their digest.
    private static string Key(Descriptor entry) => entry.Platform?.Identity ?? $"{entry.Digest}";
}
