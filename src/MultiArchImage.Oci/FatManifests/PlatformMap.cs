using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Platforms that a user states for single images, in place of what is written in their configs.</summary>
/// <param name="platforms">By reference, tag or digest.</param>
public sealed class PlatformMap(IReadOnlyDictionary<string, Platform> platforms)
{
    /// <summary>Nothing is stated.</summary>
    public static PlatformMap Empty { get; } = new(new Dictionary<string, Platform>());

    /// <summary>What is stated for an image, or null.</summary>
    /// <exception cref="UnmatchedKeyException">Two keys mean the image and state different platforms.</exception>
    public Platform? Find(ImageReference reference, Digest digest)
    {
        var found = platforms.Where(pair => Means(pair.Key, reference, digest)).Select(pair => pair.Value).Distinct().ToList();
        return found.Count < 2 ? found.FirstOrDefault() : throw new UnmatchedKeyException(
            "-PlatformMap", $"{reference}", $"it is given {string.Join(" and ", found)}") { Subject = $"{reference}" };
    }

    /// <summary>Every key must mean an image: one that means none is a typing error, not something to pass over.</summary>
    /// <exception cref="UnmatchedKeyException">One means none.</exception>
    internal void RequireAllUsed(IReadOnlyCollection<Candidate> candidates)
    {
        foreach (var key in platforms.Keys)
        {
            if (!candidates.Any(candidate => Means(key, candidate.Reference, candidate.Entry.Digest)))
                throw new UnmatchedKeyException("-PlatformMap", key, "no image has that name, tag or digest") { Subject = key };
        }
    }

    private static bool Means(string key, ImageReference reference, Digest digest) =>
        key == reference.Tag || key == $"{digest}"
        || (ImageReference.TryParse(key, out var named)
            && named.Place == reference.Place
            && (named.Digest is { } exact ? exact == digest : named.OrLatest().Tag == reference.OrLatest().Tag));
}
