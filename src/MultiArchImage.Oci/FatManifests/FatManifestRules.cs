using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>What must be true of the entries before anything is pushed.</summary>
internal static class FatManifestRules
{
    /// <summary>One image for each platform: the same image twice is one; of two different ones, the last where that was asked for.</summary>
    /// <exception cref="PlatformConflictException">Two different images for one platform.</exception>
    public static IReadOnlyList<Candidate> OnePerPlatform(ImageReference target, IEnumerable<Candidate> candidates, bool lastWins) =>
        [.. candidates.GroupBy(candidate => candidate.Platform.Identity).Select(group =>
        {
            var different = group.DistinctBy(candidate => candidate.Entry.Digest).ToList();
            return different.Count == 1 || lastWins
                ? group.Last()
                : throw new PlatformConflictException(
                    $"{target}", $"{different[0].Platform}", [.. different.Select(candidate => $"{candidate.Reference}")]) { Subject = $"{target}" };
        })];

    /// <summary>The gate of the platforms that must be there.</summary>
    /// <exception cref="RequiredPlatformMissingException">One is missing.</exception>
    public static void Require(ImageReference target, IReadOnlyList<Platform> required, IReadOnlyList<Candidate> entries)
    {
        var missing = required.Where(platform => !entries.Any(entry => entry.Platform.IsSameMachineAs(platform))).ToList();
        if (missing.Count > 0)
        {
            throw new RequiredPlatformMissingException(
                $"{target}", [.. missing.Select(platform => $"{platform}")], [.. entries.Select(entry => $"{entry.Platform}")]) { Subject = $"{target}" };
        }
    }

    /// <summary>The media type of the document.</summary>
    /// <exception cref="FormatConflictException">A Docker list was asked for that cannot hold what else was asked for.</exception>
    public static string MediaType(ImageReference target, JoinRequest request, IReadOnlyList<Candidate> entries)
    {
        // A Docker manifest list has no place for annotations, neither its own nor an entry's.
        var obstacle = request.Annotations.Count > 0 ? "it was given annotations, which only an OCI index can have"
            : entries.SelectMany(entry => entry.Entries).Any(entry => entry.Annotations.Count > 0)
                ? "an entry has annotations or attestations, which only an OCI index can have"
            : null;
        return request.Format switch
        {
            FatManifestFormat.Oci => MediaTypes.OciIndex,
            FatManifestFormat.Docker when obstacle is not null => throw new FormatConflictException($"{target}", obstacle) { Subject = $"{target}" },
            FatManifestFormat.Docker => MediaTypes.DockerList,
            _ => obstacle is null && entries.All(entry => MediaTypes.IsDocker(entry.Entry.MediaType)) ? MediaTypes.DockerList : MediaTypes.OciIndex,
        };
    }
}
