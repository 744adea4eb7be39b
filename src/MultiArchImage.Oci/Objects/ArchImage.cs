using System.Collections;
using System.Globalization;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using Newtonsoft.Json;

namespace MultiArchImage;

/// <summary>
/// An image for one platform, wherever it is. Flat and of plain types, so that it survives <c>ConvertTo-Json | ConvertFrom-Json</c> at the
/// default depth and binds by property name in another process.
/// </summary>
public sealed record ArchImage : IComparable<ArchImage>
{
    /// <summary>An image of which nothing is known yet.</summary>
    public ArchImage()
    {
    }

    // PowerShell converts by these where a parameter takes images, also in a command that a test puts in the place of one of this module's.

    /// <summary>An image of which only the name is known.</summary>
    public ArchImage(string reference) => Reference = reference;

    /// <summary>What is under the name of a fat manifest, by its digest where that is known.</summary>
    public ArchImage(FatManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        (Reference, Digest, Location) = (manifest.Reference, manifest.Digest.Length == 0 ? null : manifest.Digest, manifest.Location);
    }

    /// <summary>The image of an entry of a fat manifest, by its digest.</summary>
    public ArchImage(FatManifestEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        (Reference, Digest, Platform) = (entry.Reference, entry.Digest, entry.Platform);
    }

    /// <summary>An image of named properties: what a script, or JSON of another job, has. Unknown names are an error.</summary>
    /// <exception cref="InvalidImageException">A property is unknown or of a wrong form.</exception>
    public ArchImage(IDictionary properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        foreach (DictionaryEntry entry in properties)
        {
            var property = typeof(ArchImage).GetProperty($"{entry.Key}")
                ?? throw new InvalidImageException("the image", $"has a property '{entry.Key}' that images do not have");
            if (property.CanWrite)
                property.SetValue(this, Convert(entry.Value, property.PropertyType, property.Name));
        }
    }

    /// <summary>The name that other commands take: <c>akraino/validation:k8s-arm64-latest</c>, <c>oci:PATH:TAG</c>.</summary>
    public string Reference { get; init; } = "";

    /// <summary>The reference with nothing left out, <c>docker.io/akraino/validation:k8s-arm64-latest</c>: what other programs understand as well.</summary>
    [JsonIgnore]
    public string FullName => ImageReference.TryParse(Reference, out var name) ? name.FullName : Reference;

    /// <summary>
    /// Host and port of the registry, <c>docker.io</c> for short names; of an image in a layout or archive, the one that it is meant for, empty where
    /// that is not said.
    /// </summary>
    public string Registry { get; init; } = "";

    /// <summary>The repository, <c>akraino/validation</c>; of an image in a layout or archive, the one that it is meant for.</summary>
    public string Repository { get; init; } = "";

    /// <summary>The tag; null for an image that is known by digest only.</summary>
    public string? Tag { get; init; }

    /// <summary><c>os/arch[/variant]</c>, of the image's config.</summary>
    public string Platform { get; init; } = "";

    /// <summary>The architecture alone: <c>arm64</c>.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>The digest of the manifest; null for an engine's image that was not published.</summary>
    public string? Digest { get; init; }

    /// <summary>The media type of the manifest; null where <see cref="Digest"/> is.</summary>
    public string? MediaType { get; init; }

    /// <summary>Bytes of the manifest document, as an index states them; 0 where <see cref="Digest"/> is null.</summary>
    public long ManifestSize { get; init; }

    /// <summary>Bytes of the image: as pulled where it is in a registry or layout, unpacked where it is in the engine.</summary>
    public long Size { get; init; }

    /// <summary>The digest of the image's config, which is its id in an engine.</summary>
    public string? ImageId { get; init; }

    /// <summary>When the image was made, in UTC.</summary>
    public DateTime? Created { get; init; }

    /// <summary>The image's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the image is: <c>Engine</c>, <c>Registry</c>, <c>Layout</c> or <c>Archive</c>.</summary>
    public string Location { get; init; } = "";

    /// <summary>
    /// Whether this process itself pushed or read the manifest at <see cref="Reference"/>, so that it need not be looked for again. Not
    /// written to JSON: another process looks.
    /// </summary>
    internal bool WasSeen { get; init; }

    /// <summary>Whether <see cref="Size"/> is known to be what is pulled: an image that the engine pushed still has the size that it has there.</summary>
    internal bool IsSizeOfPull { get; init; }

    /// <inheritdoc/>
    public bool Equals(ArchImage? other) => other is not null && Scalars(this).Equals(Scalars(other)) && ValueEquality.Same(Labels, other.Labels);

    /// <inheritdoc/>
    public override int GetHashCode() => Scalars(this).GetHashCode();

    /// <summary>By reference, then platform.</summary>
    public int CompareTo(ArchImage? other) =>
        string.CompareOrdinal(Reference + "\0" + Platform, other is null ? null : other.Reference + "\0" + other.Platform);

    /// <summary>The reference.</summary>
    public override string ToString() => Reference;

    private static object Scalars(ArchImage image) => (
        image.Reference, image.Registry, image.Repository, image.Tag, image.Platform, image.Architecture, image.Digest, image.MediaType,
        image.ManifestSize, image.Size, image.ImageId, image.Created, image.Location);

    /// <summary>The object of an image whose manifest and config were read from, or written to, a place.</summary>
    internal static ArchImage Of(ImageReference reference, Descriptor manifest, ImageManifest content, ImageConfig config) => new()
    {
        Reference = reference.ToString(),
        Registry = reference.Registry,
        Repository = reference.Repository,
        Tag = reference.Tag,
        Platform = config.Platform.ToString(),
        Architecture = config.Platform.Architecture,
        Digest = manifest.Digest.ToString(),
        MediaType = manifest.MediaType,
        ManifestSize = manifest.Size,
        Size = content.ContentSize,
        ImageId = content.Config.Digest.ToString(),
        Created = config.Created?.UtcDateTime,
        Labels = config.Labels,
        Location = Locations.Of(reference),
        WasSeen = true,
        IsSizeOfPull = true,
    };

    /// <summary>The same image at another place, where it was just put.</summary>
    internal ArchImage At(ImageReference reference) => this with
    {
        Reference = reference.ToString(),
        Registry = reference.IsFile ? Registry : reference.Registry,
        Repository = reference.IsFile ? Repository : reference.Repository,
        Tag = reference.Tag,
        Location = Locations.Of(reference),
        WasSeen = true,
    };

    /// <summary>The same image of a layout or archive, with the name of a registry that it is meant for there.</summary>
    internal ArchImage MeantFor(NamedImage name) => name.IntendedName is not { } meant ? this : this with
    {
        Registry = meant.Registry,
        Repository = meant.Repository,
        Tag = Tag ?? name.Tag,
    };

    private static object? Convert(object? value, Type type, string name)
    {
        try
        {
            return value switch
            {
                null => type == typeof(string) ? null : type == typeof(long) ? 0L : null,
                IDictionary map when type != typeof(string) => map.Keys.Cast<object>().ToDictionary(key => $"{key}", key => $"{map[key]}"),
                DateTime time => time.ToUniversalTime(),
                DateTimeOffset time => time.UtcDateTime,
                string text when type == typeof(DateTime?) =>
                    DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal),
                IConvertible scalar => System.Convert.ChangeType(scalar, type, CultureInfo.InvariantCulture),
                var other => other,
            };
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException)
        {
            throw new InvalidImageException("the image", $"has '{value}' for {name}, which does not fit", e);
        }
    }
}
