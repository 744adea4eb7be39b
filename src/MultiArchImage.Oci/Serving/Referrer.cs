using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Serving;

/// <summary>A manifest that is about another one.</summary>
/// <param name="Subject">The other one; it need not be there.</param>
/// <param name="Descriptor">How the referrers list names this one, with its artifact type and annotations.</param>
internal sealed record Referrer(Digest Subject, Descriptor Descriptor)
{
    /// <summary>Reads what a manifest is about; null for one that is about nothing.</summary>
    public static Referrer? Of(Descriptor manifest, ReadOnlyMemory<byte> bytes)
    {
        var json = Json.ParseObject(bytes.Span, $"manifest {manifest.Digest.Short}");
        if (!Digest.TryParse((json["subject"] as JObject)?.Text("digest"), out var subject))
            return null;
        return new Referrer(subject, new Descriptor(manifest.MediaType, manifest.Digest, manifest.Size)
        {
            ArtifactType = TypeOf(json),
            Annotations = json.Map("annotations"),
        });
    }

    // distribution-spec: Listing Referrers: where an image manifest states no artifactType, the media type of its config stands for it.
    private static string? TypeOf(JObject json) => json.Text("artifactType") is { Length: > 0 } stated ? stated : (json["config"] as JObject)?.Text("mediaType");
}
