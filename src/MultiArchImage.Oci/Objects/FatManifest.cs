using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using Newtonsoft.Json;

namespace MultiArchImage;

/// <summary>
/// Several images under one name: a Docker manifest list or OCI image index. Flat and of plain types, so that it survives
/// <c>ConvertTo-Json | ConvertFrom-Json</c> at the default depth.
/// </summary>
public sealed record FatManifest
{
    /// <summary>A fat manifest of which nothing is known yet.</summary>
    public FatManifest()
    {
    }

    // PowerShell converts by these where a parameter takes a fat manifest, also in a command that a test puts in the place of one of this module's.

    /// <summary>A fat manifest of which only the name is known.</summary>
    public FatManifest(string reference) => Reference = reference;

    /// <summary>What is under the name of an image.</summary>
    public FatManifest(ArchImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Reference = image.Reference;
    }

    /// <summary>The name that other commands take.</summary>
    public string Reference { get; init; } = "";

    /// <summary>The reference with nothing left out, <c>docker.io/akraino/validation:k8s-arm64-latest</c>: what other programs understand as well.</summary>
    [JsonIgnore]
    public string FullName => ImageReference.TryParse(Reference, out var name) ? name.FullName : Reference;

    /// <summary>Host and port of the registry; empty for a layout.</summary>
    public string Registry { get; init; } = "";

    /// <summary>The repository; empty for a layout.</summary>
    public string Repository { get; init; } = "";

    /// <summary>The tag; null where it is known by digest only.</summary>
    public string? Tag { get; init; }

    /// <summary>The digest of the index.</summary>
    public string Digest { get; init; } = "";

    /// <summary>The media type of the index.</summary>
    public string MediaType { get; init; } = "";

    /// <summary>Bytes of the index document.</summary>
    public long Size { get; init; }

    // Lists of the public objects are arrays: PowerShell has no index into what the compiler makes for the interface.

    /// <summary>The platforms of the images, in the order of the index.</summary>
    public IReadOnlyList<string> Platforms { get; init => field = value.ToArray(); } = [];

    /// <summary>Images and attestations, in the order of the index.</summary>
    public IReadOnlyList<FatManifestEntry> Entries { get; init => field = value.ToArray(); } = [];

    /// <summary>Annotations of the index.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations of entries, by the entry's digest; entries without any are left out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> EntryAnnotations { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>What the name held before; null where it held nothing, or nobody looked.</summary>
    public string? PreviousDigest { get; init; }

    /// <summary><c>Created</c>, <c>Updated</c>, <c>Unchanged</c>, <c>Planned</c>; null for one that was only read.</summary>
    public string? Status { get; init; }

    /// <summary>Where the fat manifest is: <c>Registry</c> or <c>Layout</c>.</summary>
    public string Location { get; init; } = "";

    /// <summary>The entry of the image for a platform (<c>linux/arm64</c>, also <c>arm64</c> alone); null where there is none.</summary>
    public FatManifestEntry? this[string platform] => Platform.TryParse(platform, out var wanted)
        ? Entries.FirstOrDefault(entry => entry.Kind == "Image" && Platform.TryParse(entry.Platform, out var own) && own.IsSameMachineAs(wanted))
        : null;

    /// <summary>The object of an index under a name.</summary>
    public static FatManifest Of(ImageReference reference, ImageIndex index) => new()
    {
        Reference = reference.ToString(),
        Registry = reference.Registry,
        Repository = reference.Repository,
        Tag = reference.Tag,
        Digest = index.Digest.ToString(),
        MediaType = index.Document.MediaType,
        Size = index.Document.Bytes.Length,
        Platforms = [.. index.Images.Select(entry => entry.Platform?.ToString() ?? "").Where(platform => platform.Length > 0)],
        Entries = [.. index.Entries.Select(entry => ToEntry(reference.Place, entry))],
        Annotations = index.Annotations,
        Location = Locations.Of(reference),
        EntryAnnotations = index.Entries.Where(entry => entry.Annotations.Count > 0)
            .DistinctBy(entry => entry.Digest).ToDictionary(entry => entry.Digest.ToString(), entry => entry.Annotations),
    };

    /// <summary>The same with what is known of its images: how much is pulled, and when they were made.</summary>
    internal FatManifest With(IEnumerable<ImageFacts> images)
    {
        var known = images.DistinctBy(image => image.Digest).ToDictionary(image => image.Digest);
        return this with
        {
            Entries = [.. Entries.Select(entry => known.TryGetValue(entry.Digest, out var image)
                ? entry with { ImageSize = image.Size, Created = image.Created }
                : entry)],
        };
    }

    /// <inheritdoc/>
    public bool Equals(FatManifest? other) =>
        other is not null && Scalars(this).Equals(Scalars(other))
        && Platforms.SequenceEqual(other.Platforms) && Entries.SequenceEqual(other.Entries)
        && ValueEquality.Same(Annotations, other.Annotations)
        && ValueEquality.Same(EntryAnnotations, other.EntryAnnotations, (left, right) => ValueEquality.Same(left, right));

    /// <inheritdoc/>
    public override int GetHashCode() => Scalars(this).GetHashCode();

    /// <summary>The reference.</summary>
    public override string ToString() => Reference;

    private static object Scalars(FatManifest manifest) => (
        manifest.Reference, manifest.Registry, manifest.Repository, manifest.Tag, manifest.Digest, manifest.MediaType, manifest.Size,
        manifest.PreviousDigest, manifest.Status, manifest.Location);

    private static FatManifestEntry ToEntry(ImageReference place, Descriptor entry) => new()
    {
        Reference = $"{place.WithDigest(entry.Digest)}",
        Platform = entry.Platform?.ToString() ?? "",
        Digest = entry.Digest.ToString(),
        MediaType = entry.MediaType,
        Size = entry.Size,
        Kind = entry.IsAttestation ? "Attestation" : "Image",
    };
}
