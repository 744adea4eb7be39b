using System.Globalization;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Model;

/// <summary>
/// What a document says of a blob or manifest that it refers to: image-spec: Descriptor. Fields that this type does not know are kept and
/// written again.
/// </summary>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    private static readonly string[] KnownFields = ["mediaType", "digest", "size", "urls", "annotations", "platform", "artifactType"];

    /// <summary>The machine that the entry is for; only entries of an index have one.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Annotations of the reference, not of what it refers to.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = Json.EmptyMap;

    /// <summary>What kind of artifact is referred to, where it is no image.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Where else the content may be fetched (foreign layers of Windows base images).</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>The descriptor as it was read, for the fields that this type does not know; null for one that was made here.</summary>
    private JObject? Source { get; init; }

    /// <summary>Whether this entry of an index is provenance or an SBOM of another entry, as BuildKit writes them.</summary>
    public bool IsAttestation =>
        Annotations.TryGetValue(Model.Annotations.ReferenceType, out var type) && type == Model.Annotations.AttestationManifest;

    /// <summary>The image that an attestation entry is about; null for every other.</summary>
    public Digest? AttestedDigest =>
        IsAttestation && Annotations.TryGetValue(Model.Annotations.ReferenceDigest, out var text) && Digest.TryParse(text, out var digest) ? digest : null;

    /// <summary>Reads a descriptor of <paramref name="document"/>, which names the document in errors.</summary>
    /// <exception cref="InvalidImageException">A required field is missing or malformed.</exception>
    public static Descriptor FromJson(JToken? token, string document)
    {
        if (token is not JObject json)
            throw new InvalidImageException(document, "has something else where a descriptor should be");
        if (!Digest.TryParse(json.Text("digest"), out var digest))
            throw new InvalidImageException(document, $"has a descriptor whose digest '{Several.Beginning($"{json["digest"]}")}' is none of sha256 or sha512");
        if (json["size"] is not JValue { Value: long size and >= 0 })
            throw new InvalidImageException(document, $"has the size '{Several.Beginning($"{json["size"]}")}' for {digest.Short}, which is no number of bytes");
        return new Descriptor(json.Text("mediaType") ?? "", digest, size)
        {
            Platform = json["platform"] is JObject platform ? Platform.FromJson(platform, document) : null,
            Annotations = json.Map("annotations"),
            ArtifactType = json.Text("artifactType"),
            Urls = json.Texts("urls"),
            Source = json,
        };
    }

    /// <summary>The descriptor as a document has it: the fields of the specification in its order, then the unknown ones.</summary>
    public JObject ToJson()
    {
        var json = new JObject { ["mediaType"] = MediaType, ["digest"] = Digest.ToString(), ["size"] = Size };
        if (Urls.Count > 0)
            json["urls"] = new JArray(Urls);
        if (Annotations.Count > 0)
            json["annotations"] = Json.FromMap(Annotations);
        if (Platform is not null)
            json["platform"] = Platform.ToJson(Source?["platform"] as JObject);
        else if (Source?["platform"] is { } unfinished)
            json["platform"] = unfinished.DeepClone();
        if (ArtifactType is not null)
            json["artifactType"] = ArtifactType;
        json.AddUnknown(Source, KnownFields);
        return json;
    }

    /// <inheritdoc/>
    public bool Equals(Descriptor? other) => other is not null && JToken.DeepEquals(ToJson(), other.ToJson());

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();

    /// <summary><c>digest (media type, bytes)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Digest.Short} ({MediaType}, {Size} bytes)");
}
