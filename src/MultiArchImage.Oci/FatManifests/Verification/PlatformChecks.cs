using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.FatManifests.Verification;

/// <summary>Does each machine get the image that is built for it, and only one?</summary>
internal static class PlatformChecks
{
    private const string Unknown = "unknown";

    /// <summary>Images that no machine would choose, or of which nobody knows which would.</summary>
    public static IEnumerable<FatManifestFinding> AreStated(FatManifestSnapshot fat) =>
        from entry in fat.Images
        where !IsStated(entry)
        select entry.Descriptor.Platform is null
            ? fat.Find(FindingCode.PlatformMissing, entry, $"the entry {entry.Descriptor.Digest.Short} says no platform")
            : fat.Find(FindingCode.UnknownPlatform, entry, $"the entry {entry.Descriptor.Digest.Short} is for {entry.Descriptor.Platform}, but is no attestation");

    /// <summary>Entries whose config says another platform.</summary>
    public static IEnumerable<FatManifestFinding> AreTrue(FatManifestSnapshot fat) =>
        from entry in fat.Images
        where IsStated(entry) && entry.Config is { } config && !entry.Descriptor.Platform!.IsTrueOf(config.Platform)
        select fat.Find(FindingCode.PlatformUntrue, entry, $"the entry says {entry.Descriptor.Platform}, its config {entry.Config!.Platform}");

    /// <summary>Images whose first program is another machine's, though their config says what it should: mostly on a base that was pulled for the wrong one.</summary>
    public static IEnumerable<FatManifestFinding> AreRunnable(FatManifestSnapshot fat) =>
        from entry in fat.Images
        where entry.Program is not null
        let mismatch = entry.Program!.MismatchWith(entry.Config!.Platform)
        // A blob that is not there is told with the other blobs.
        where mismatch is not null || entry.Program!.Obstacle is not (null or BlobNotFoundException)
        select mismatch is not null
            ? fat.Find(FindingCode.ProgramMismatch, entry, mismatch)
            : fat.Find(FindingCode.ProgramUnseen, entry, $"what the image for {entry.Name} runs was not looked at: {entry.Program!.Obstacle!.Message}");

    /// <summary>Platforms with two entries: which one a machine gets depends on its engine.</summary>
    public static IEnumerable<FatManifestFinding> AreUnique(FatManifestSnapshot fat) =>
        from same in fat.Images.Where(IsStated).GroupBy(entry => entry.Descriptor.Platform!.Identity)
        where same.Skip(1).Any()
        let digests = Several.Of(same.Select(entry => entry.Descriptor.Digest.Short))
        select fat.Find(FindingCode.PlatformTwice, same.Last(), $"{same.Count()} entries are for {same.First().Name}: {digests}");

    /// <summary>Platforms that must be there.</summary>
    public static IEnumerable<FatManifestFinding> ArePresent(FatManifestSnapshot fat, IReadOnlyList<Platform> required) =>
        from platform in required
        where !fat.Images.Any(entry => entry.Descriptor.Platform?.IsSameMachineAs(platform) == true)
        let present = Several.Of(fat.Images.Select(entry => entry.Name))
        select fat.Find(FindingCode.RequiredPlatformMissing, $"no entry is for {platform}; there is {(present.Length == 0 ? "nothing" : present)}") with { Platform = $"{platform}" };

    private static bool IsStated(EntrySnapshot entry) => entry.Descriptor.Platform is not (null or { Os: Unknown } or { Architecture: Unknown });
}
