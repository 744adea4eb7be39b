using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Model;

/// <summary>
/// A manifest or index as a store has it: the exact bytes, what they are and their digest. What is copied or compared are these bytes;
/// <see cref="ImageManifest"/> and <see cref="ImageIndex"/> are readings of them.
/// </summary>
public sealed class Manifest
{
    /// <summary>Takes the bytes of a document, which must be a JSON object within <see cref="OciLimits.ManifestSize"/>.</summary>
    /// <param name="mediaType">What the store says that it is; the document's own <c>mediaType</c> has precedence (image-spec: Image Manifest).</param>
    /// <param name="bytes">The exact bytes.</param>
    /// <exception cref="InvalidImageException">It is too large, or no JSON object.</exception>
    public Manifest(string? mediaType, ReadOnlyMemory<byte> bytes)
    {
        Bytes = bytes;
        Digest = Digest.Of(bytes.Span);
        if (bytes.Length > OciLimits.ManifestSize)
            throw new InvalidImageException(Digest.Short, $"is a manifest of {bytes.Length} bytes; more than {OciLimits.ManifestSize} are refused");
        Json = Model.Json.ParseObject(bytes.Span, $"manifest {Digest.Short}");
        MediaType = Json.Text("mediaType") ?? Known(mediaType) ?? Guess(Json);
    }

    /// <summary>The media type, from the document itself where it says it.</summary>
    public string MediaType { get; }

    /// <summary>The exact bytes, over which <see cref="Digest"/> is the hash.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The sha256 digest of <see cref="Bytes"/>.</summary>
    public Digest Digest { get; }

    /// <summary>The document. Not to be changed: the bytes would no longer be it.</summary>
    public JObject Json { get; }

    /// <summary>Whether this is a fat manifest.</summary>
    public bool IsIndex => MediaTypes.IsIndex(MediaType);

    /// <summary>The manifest that this one is about (image-spec: property <c>subject</c>); null where it is about none.</summary>
    public Digest? Subject => Json["subject"] is JObject subject && Digest.TryParse(subject.Text("digest"), out var digest) ? digest : null;

    /// <summary>The descriptor by which others refer to this document.</summary>
    public Descriptor ToDescriptor() => new(MediaType, Digest, Bytes.Length) { ArtifactType = Json.Text("artifactType") };

    /// <summary>
    /// All that the document refers to by digest, in whatever field an artifact has its parts, with their media types and no sizes.
    /// </summary>
    public IEnumerable<Descriptor> References() => Json.Descendants().OfType<JObject>()
        .Where(part => Digest.TryParse(part.Text("digest"), out _))
        .Select(part => new Descriptor(part.Text("mediaType") ?? "", Digest.Parse(part.Text("digest")!), 0));

    /// <summary>Reads a document of which nothing is known; null where the bytes are no manifest or index.</summary>
    public static Manifest? TryRead(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return new Manifest(null, bytes) is { MediaType.Length: > 0 } manifest ? manifest : null;
        }
        catch (InvalidImageException)
        {
            // A small layer or another blob that is no document.
            return null;
        }
    }

    /// <summary>
    /// The descriptor by which a list of referrers names this document (distribution-spec: Listing Referrers): with its annotations, and with the type
    /// of its config where it states no type of artifact.
    /// </summary>
    public Descriptor ToReferrer() => ToDescriptor() with
    {
        ArtifactType = Json.Text("artifactType") ?? (Json["config"] as JObject)?.Text("mediaType"),
        Annotations = Json.Map("annotations"),
    };

    private static string? Known(string? mediaType) =>
        mediaType is not null && (MediaTypes.IsIndex(mediaType) || MediaTypes.IsImageManifest(mediaType)) ? mediaType : null;

    // image-spec lets an OCI document leave mediaType out; its shape tells.
    private static string Guess(JObject json) =>
        json["manifests"] is JArray ? MediaTypes.OciIndex
        : json["layers"] is JArray ? MediaTypes.OciManifest
        : json["schemaVersion"] is JValue { Value: 1L } ? MediaTypes.DockerSchema1Signed
        : "";
}
