using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Model;

/// <summary>A fat manifest: several images under one name. image-spec: Image Index; Docker: manifest list.</summary>
public sealed class ImageIndex
{
    private ImageIndex(Manifest document, IReadOnlyList<Descriptor> entries) => (Document, Entries) = (document, entries);

    /// <summary>The exact bytes.</summary>
    public Manifest Document { get; }

    /// <summary>What the index refers to, in the order of the document: images, and attestations of them.</summary>
    public IReadOnlyList<Descriptor> Entries { get; }

    /// <summary>The digest of the document.</summary>
    public Digest Digest => Document.Digest;

    /// <summary>Annotations of the index.</summary>
    public IReadOnlyDictionary<string, string> Annotations => Document.Json.Map("annotations");

    /// <summary>The entries that a runtime can choose.</summary>
    public IEnumerable<Descriptor> Images => Entries.Where(entry => !entry.IsAttestation);

    /// <summary>Reads an index.</summary>
    /// <exception cref="InvalidImageException">The document is of another type, or malformed.</exception>
    public static ImageIndex Parse(Manifest document)
    {
        var name = $"index {document.Digest.Short}";
        if (!document.IsIndex)
            throw new InvalidImageException(name, $"is of type '{document.MediaType}', not an image index or manifest list");
        if (document.Json["config"] is not null || document.Json["layers"] is not null)
            throw new InvalidImageException(name, "has a config or layers beside its manifests: engines would not agree on what it is (CVE-2021-41190)");
        var entries = document.Json["manifests"] as JArray ?? throw new InvalidImageException(name, "has no manifests field");
        return new ImageIndex(document, [.. entries.Select(entry => Descriptor.FromJson(entry, name))]);
    }

    /// <summary>
    /// Makes an index. Equal entries and annotations give equal bytes, whatever order they came in: images are sorted by platform and
    /// digest, each followed by its attestations.
    /// </summary>
    /// <param name="mediaType">OCI index or Docker list.</param>
    /// <param name="entries">Images and attestations.</param>
    /// <param name="annotations">Annotations of the index; only an OCI index has any.</param>
    /// <param name="artifactType">The kind of artifact, of an OCI index that is more than an image; null for none.</param>
    /// <param name="subject">The manifest that an OCI index is about (image-spec: Image Index, property <c>subject</c>); null for none.</param>
    /// <exception cref="InvalidImageException">The document would be larger than <see cref="OciLimits.ManifestSize"/>.</exception>
    public static ImageIndex Create(
        string mediaType, IEnumerable<Descriptor> entries, IReadOnlyDictionary<string, string>? annotations = null,
        string? artifactType = null, Descriptor? subject = null)
    {
        var json = new JObject { ["schemaVersion"] = 2, ["mediaType"] = mediaType };
        if (artifactType is not null)
            json["artifactType"] = artifactType;
        json["manifests"] = new JArray();
        if (subject is not null)
            json["subject"] = subject.ToJson();
        return Write(json, mediaType, entries, annotations);
    }

    /// <summary>The same index with other entries and annotations, sorted as in <see cref="Create"/>; its other fields stay as they are.</summary>
    /// <exception cref="InvalidImageException">The document would be larger than <see cref="OciLimits.ManifestSize"/>.</exception>
    public ImageIndex With(string mediaType, IEnumerable<Descriptor> entries, IReadOnlyDictionary<string, string> annotations)
    {
        var json = (JObject)Document.Json.DeepClone();
        json["mediaType"] = mediaType;
        json.Remove("annotations");
        return Write(json, mediaType, entries, annotations);
    }

    /// <summary>The entry that a machine of the platform runs: the first that matches, an exact variant before a usual one.</summary>
    public Descriptor? Find(Platform platform) =>
        Images.FirstOrDefault(entry => entry.Platform == platform)
        ?? Images.FirstOrDefault(entry => entry.Platform?.IsSameMachineAs(platform) == true);

    private static ImageIndex Write(
        JObject json, string mediaType, IEnumerable<Descriptor> entries, IReadOnlyDictionary<string, string>? annotations)
    {
        var sorted = Sort([.. entries]);
        json["manifests"] = new JArray(sorted.Select(entry => entry.ToJson()));
        if (annotations is { Count: > 0 })
            json["annotations"] = Json.FromMap(annotations);
        return new ImageIndex(new Manifest(mediaType, Json.ToBytes(json)), sorted);
    }

    private static List<Descriptor> Sort(IReadOnlyList<Descriptor> entries)
    {
        var images = entries.Where(entry => !entry.IsAttestation)
            .OrderBy(entry => entry.Platform).ThenBy(entry => entry.Digest).ToList();
        var attestations = entries.Where(entry => entry.IsAttestation).OrderBy(entry => entry.Digest).ToLookup(entry => entry.AttestedDigest);
        var attested = images.Select(entry => entry.Digest).ToHashSet();
        return [
            .. images.SelectMany(image => attestations[image.Digest].Prepend(image)),
            .. attestations.Where(group => group.Key is null || !attested.Contains(group.Key)).SelectMany(group => group),
        ];
    }
}
