using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests.Updating;

/// <summary>
/// A change of an index that can be made again on whatever another writer put there meanwhile: it touches the entries of its own platforms and
/// its own annotations, and nothing else. Made on an index that has it already, it changes nothing.
/// </summary>
internal sealed class IndexEdit(ImageReference name, IReadOnlyList<Candidate> images, UpdateRequest request)
{
    /// <summary>The images that the edit brings.</summary>
    public IReadOnlyList<Candidate> Images => images;

    /// <summary>Whether the images that the edit brings are all that there shall be.</summary>
    private bool IsWhole => request.Template is not null;

    /// <summary>The index with the change, or the same instance where it has it already.</summary>
    /// <param name="index">What the name holds; null for nothing.</param>
    /// <exception cref="NothingLeftException">No image would be left.</exception>
    public ImageIndex Apply(ImageIndex? index)
    {
        var entries = Merge(index?.Entries ?? []);
        if (entries.All(entry => entry.IsAttestation))
            throw new NothingLeftException($"{name}") { Subject = $"{name}" };
        var annotations = new Dictionary<string, string>(index?.Annotations ?? request.Annotations, StringComparer.Ordinal);
        var hasNewValues = request.Annotations.Any(pair => annotations.GetValueOrDefault(pair.Key) != pair.Value);
        foreach (var (key, value) in request.Annotations)
            annotations[key] = value;
        if (index is null)
            return ImageIndex.Create(MediaType(null), entries, annotations);
        return hasNewValues || !entries.SequenceEqual(index.Entries) ? index.With(MediaType(index), entries, annotations) : index;
    }

    /// <summary>Platforms that are to go, each of which must be there before anything is changed.</summary>
    /// <exception cref="PlatformNotThereException">One is not.</exception>
    public void RequireRemovable(ImageIndex? index)
    {
        var missing = request.Removed.Where(platform => index?.Images.Any(entry => IsOf(entry, platform)) != true).ToList();
        if (missing.Count > 0)
        {
            throw new PlatformNotThereException(
                $"{name}", [.. missing.Select(platform => $"{platform}")], [.. (index?.Images ?? []).Select(entry => $"{entry.Platform}")])
                { Subject = $"{name}" };
        }
    }

    /// <summary>
    /// What the edit touches, and what an index has there: digests for a platform, the value of an annotation. Two writers are at odds where both
    /// touch the same and want different things.
    /// </summary>
    public IEnumerable<(string Touched, string Value)> Touched(ImageIndex? index) =>
    [
        .. images.Select(image => ($"{image.Platform}", Digests(index, entry => IsOf(entry, image)))),
        .. request.Removed.Select(platform => ($"{platform}", Digests(index, entry => IsOf(entry, platform)))),
        .. request.Annotations.Keys.Select(key => ($"annotation {key}", index?.Annotations.GetValueOrDefault(key) ?? "")),
    ];

    private List<Descriptor> Merge(IReadOnlyList<Descriptor> entries)
    {
        var kept = entries.Where(entry => entry.IsAttestation || !IsReplacedOrRemoved(entry)).ToList();
        var gone = entries.Select(entry => entry.Digest).Except(kept.Select(entry => entry.Digest)).ToHashSet();
        // An attestation goes with its image, never with another's.
        var orphaned = kept.RemoveAll(entry => entry.AttestedDigest is { } about && gone.Contains(about));
        var brought = images.SelectMany(image => image.Entries.Skip(IsThere(image, kept) ? 1 : 0))
            .Where(entry => !entry.IsAttestation || !kept.Any(other => other.Digest == entry.Digest && other.AttestedDigest == entry.AttestedDigest))
            .ToList();
        return orphaned == 0 && brought.Count == 0 && kept.Count == entries.Count ? [.. entries] : [.. kept, .. brought];
    }

    // The entry of the very image stays, with all that others wrote beside it.
    private bool IsReplacedOrRemoved(Descriptor entry) =>
        (IsWhole && !IsBrought(entry))
        || images.Any(image => IsOf(entry, image) && entry.Digest != image.Entry.Digest) || request.Removed.Any(platform => IsOf(entry, platform) && !IsBrought(entry));

    private bool IsBrought(Descriptor entry) => images.Any(image => image.Entry.Digest == entry.Digest && IsOf(entry, image));

    private static bool IsThere(Candidate image, List<Descriptor> entries) =>
        entries.Any(entry => entry.Digest == image.Entry.Digest && IsOf(entry, image));

    private static bool IsOf(Descriptor entry, Candidate image) => !entry.IsAttestation && entry.Platform?.Identity == image.Platform.Identity;

    private static bool IsOf(Descriptor entry, Platform platform) => !entry.IsAttestation && entry.Platform?.IsSameMachineAs(platform) == true;

    private static string Digests(ImageIndex? index, Func<Descriptor, bool> predicate) =>
        string.Join(' ', (index?.Entries ?? []).Where(predicate).Select(entry => entry.Digest).Order());

    // What is there keeps its kind, unless it cannot hold what comes; what is made anew is what New-FatManifest would make.
    private string MediaType(ImageIndex? index) =>
        (index is null || MediaTypes.IsDocker(index.Document.MediaType))
        && request.Annotations.Count == 0
        && images.All(image => MediaTypes.IsDocker(image.Entry.MediaType) && image.Entries.All(entry => entry.Annotations.Count == 0))
            ? MediaTypes.DockerList
            : MediaTypes.OciIndex;
}
