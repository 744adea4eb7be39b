using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Transfer;

/// <summary>Takes platforms out of an index, as an index of its own.</summary>
internal static class PlatformSelection
{
    /// <summary>
    /// The index with only the entries of the platforms and the attestations of those entries; all other fields stay. Where nothing is left
    /// out it is the same document, byte for byte.
    /// </summary>
    /// <exception cref="NoImageForPlatformException">A platform has no entry.</exception>
    public static Manifest From(ImageReference name, ImageIndex index, IReadOnlyList<Platform> platforms)
    {
        foreach (var platform in platforms)
        {
            if (index.Find(platform) is null)
                throw new NoImageForPlatformException($"{name}", $"{platform}", [.. index.Images.Select(entry => $"{entry.Platform}")]) { Subject = $"{name}" };
        }
        var images = index.Images.Where(entry => platforms.Any(platform => entry.Platform?.IsSameMachineAs(platform) == true)).ToList();
        var chosen = images.Select(entry => entry.Digest).ToHashSet();
        var attestations = index.Entries.Where(entry => entry.AttestedDigest is { } attested && chosen.Contains(attested)).ToList();
        return images.Count + attestations.Count == index.Entries.Count
            ? index.Document
            : index.With(index.Document.MediaType, [.. images, .. attestations], index.Annotations).Document;
    }
}
