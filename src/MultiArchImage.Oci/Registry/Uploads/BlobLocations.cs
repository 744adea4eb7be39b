using System.Collections.Concurrent;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Registry.Uploads;

/// <summary>
/// Which repositories of a registry have which blobs: those that this run brought there, and those that earlier ones did and the user's cache folder
/// remembers. What earlier runs saw may be gone: it is worth a try to mount from there, and nothing more. No registry learns of another's.
/// </summary>
/// <param name="folder">Where it is remembered; null for nowhere.</param>
/// <param name="tell">Told why something could not be remembered.</param>
internal sealed class BlobLocations(string? folder, Action<string> tell)
{
    private readonly ConcurrentDictionary<ImageReference, ConcurrentDictionary<Digest, bool>> _seen = new();
    private readonly ConcurrentDictionary<string, Lazy<LocationFile>> _files = new(StringComparer.Ordinal);

    /// <summary>Whether this run saw a blob there, or brought it.</summary>
    public bool WasSeen(ImageReference place, Digest digest) => _seen.TryGetValue(place, out var blobs) && blobs.ContainsKey(digest);

    /// <summary>Repositories of a registry that have a blob, or had it when last seen; the latest first.</summary>
    public IReadOnlyList<string> Find(string registry, Digest digest) => File(registry).Find(digest);

    /// <summary>Notes that a blob is there.</summary>
    public void Add(ImageReference place, Digest digest)
    {
        _seen.GetOrAdd(place, static _ => new ConcurrentDictionary<Digest, bool>())[digest] = true;
        File(place.Registry).Add(digest, place.Repository);
    }

    /// <summary>Notes that a blob is not there, or not to be had from there.</summary>
    public void Remove(string registry, string repository, Digest digest) => File(registry).Remove(digest, repository);

    /// <summary>
    /// Writes down what is known of a registry. To be called when a manifest arrived there: a blob to which none refers is collected sooner or later.
    /// </summary>
    public void Save(string registry)
    {
        try
        {
            File(registry).Save();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            tell($"where blobs of {registry} lie could not be remembered: {e.Message}");
        }
    }

    private LocationFile File(string registry) => _files.GetOrAdd(
        registry, name => new Lazy<LocationFile>(() => new LocationFile(name, folder is null ? null : Path.Combine(folder, $"{Uri.EscapeDataString(name)}.txt")))).Value;
}
