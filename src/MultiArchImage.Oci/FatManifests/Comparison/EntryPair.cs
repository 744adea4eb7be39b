namespace MultiArchImage.Oci.FatManifests.Comparison;

/// <summary>The entries of two fat manifests for one platform that belong together; one of them may be missing.</summary>
internal sealed record EntryPair(string Platform, FatManifestEntry? Before, FatManifestEntry? After)
{
    /// <summary>Pairs the images of two fat manifests, in the order of their platforms.</summary>
    public static IReadOnlyList<EntryPair> Of(FatManifest before, FatManifest after)
    {
        var (old, now) = (ByPlatform(before), ByPlatform(after));
        return [.. old.Select(group => group.Key).Union(now.Select(group => group.Key)).Order(StringComparer.Ordinal)
            .SelectMany(key => OfPlatform([.. old[key]], [.. now[key]]))];
    }

    private static ILookup<string, FatManifestEntry> ByPlatform(FatManifest manifest) =>
        manifest.Entries.Where(entry => entry.Kind == "Image").ToLookup(entry => Oci.Model.Platform.TryParse(entry.Platform, out var platform) ? platform.Identity : "");

    // A fat manifest should have one entry for a platform; of one that has more, equal ones are paired first.
    private static IEnumerable<EntryPair> OfPlatform(IReadOnlyList<FatManifestEntry> before, IReadOnlyList<FatManifestEntry> after)
    {
        var name = before.Concat(after).First().Platform is { Length: > 0 } platform ? platform : "(none)";
        var same = before.IntersectBy(after.Select(entry => entry.Digest), entry => entry.Digest).ToList();
        var old = before.ExceptBy(same.Select(entry => entry.Digest), entry => entry.Digest).ToList();
        var now = after.ExceptBy(same.Select(entry => entry.Digest), entry => entry.Digest).ToList();
        foreach (var entry in same)
            yield return new EntryPair(name, entry, entry);
        for (var i = 0; i < Math.Max(old.Count, now.Count); i++)
            yield return new EntryPair(name, old.ElementAtOrDefault(i), now.ElementAtOrDefault(i));
    }

    /// <summary>What the pair says before its contents are looked at.</summary>
    public FatManifestDifference ToDifference() => new()
    {
        Platform = Platform,
        Status = Before is null ? "Added" : After is null ? "Removed" : Before.Digest == After.Digest ? "Same" : "Changed",
        ReferenceDigest = Before?.Digest,
        DifferenceDigest = After?.Digest,
    };
}
