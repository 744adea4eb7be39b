using System.Globalization;

namespace MultiArchImage.Oci.FatManifests.Verification;

/// <summary>Are the images of one build, young, small, and what their own tags hold?</summary>
internal static class BuildChecks
{
    /// <summary>Labels that must be the same everywhere, and not empty.</summary>
    public static IEnumerable<FatManifestFinding> AreOfOneBuild(FatManifestSnapshot fat, IReadOnlyList<string> labels) =>
        from label in labels.Select(BuildGate.Label)
        let values = Configured(fat).Select(entry => (entry.Name, Value: entry.Config!.Labels.GetValueOrDefault(label, ""))).ToList()
        where values.Exists(pair => pair.Value.Length == 0 || pair.Value != values[0].Value)
        let told = string.Join(", ", values.Select(pair => $"{pair.Name} has {(pair.Value.Length == 0 ? "none" : $"'{pair.Value}'")}"))
        select fat.Find(FindingCode.BuildsDiffer, $"the label {label} is not the same for all: {told}");

    /// <summary>Images that were made too long ago.</summary>
    public static IEnumerable<FatManifestFinding> AreYoung(FatManifestSnapshot fat, TimeSpan maximum, DateTimeOffset now) =>
        from entry in Configured(fat)
        let created = entry.Config!.Created
        where created is null || now - created > maximum
        select fat.Find(FindingCode.TooOld, entry, created is null
            ? $"the image for {entry.Name} does not say when it was made"
            : string.Create(CultureInfo.InvariantCulture, $"the image for {entry.Name} was made {created:yyyy-MM-dd HH:mm} UTC, more than {maximum} ago"));

    /// <summary>Images that are too large to pull.</summary>
    public static IEnumerable<FatManifestFinding> AreSmall(FatManifestSnapshot fat, long maximum) =>
        from entry in fat.Images
        where entry.Image?.ContentSize > maximum
        select fat.Find(
            FindingCode.TooLarge, entry,
            string.Create(CultureInfo.InvariantCulture, $"the image for {entry.Name} has {entry.Image!.ContentSize:N0} bytes, more than {maximum:N0}"));

    /// <summary>Images that are not what the architectures' own tags hold now: a job pushed since, and nobody joined it.</summary>
    public static IEnumerable<FatManifestFinding> AreInStep(FatManifestSnapshot fat) =>
        from entry in fat.Images
        where entry.Tag is { HoldsEntry: false }
        let tag = entry.Tag
        select tag.Current is null
            ? fat.Find(FindingCode.ArchTagMissing, entry, $"{tag.Name} is not there")
            : fat.Find(FindingCode.Stale, entry, $"{tag.Name} is {tag.Current.Short} now, the entry still {entry.Descriptor.Digest.Short}");

    /// <summary>Images for different platforms with the same layers: one of them was likely built for the other's.</summary>
    public static IEnumerable<FatManifestFinding> HaveTheirOwnLayers(FatManifestSnapshot fat) =>
        from same in Configured(fat).Where(entry => entry.Config!.DiffIds.Count > 0).GroupBy(entry => string.Join(' ', entry.Config!.DiffIds))
        let names = same.Select(entry => entry.Name).Distinct().ToList()
        where names.Count > 1
        select fat.Find(FindingCode.SameLayers, same.Last(), $"{string.Join(" and ", names)} have the same layers; are they built for one machine?");

    private static IEnumerable<EntrySnapshot> Configured(FatManifestSnapshot fat) => fat.Images.Where(entry => entry.Config is not null);
}
