using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Registry;

/// <summary>
/// A manifest of nothing that no tag holds but the one it is put under: an artifact with the empty config and no content (image-spec: Guidelines
/// for Artifact Usage), unique by an annotation. The config is the same two bytes each time, so that no rubbish gathers.
/// </summary>
internal static class StandIn
{
    private const string ArtifactType = "application/vnd.multiarchimage.stand-in.v1";
    private static readonly byte[] Empty = Encoding.ASCII.GetBytes("{}");

    /// <summary>The config that every stand-in refers to.</summary>
    public static Descriptor Config { get; } = new(MediaTypes.OciEmpty, Digest.Of(Empty), Empty.Length);

    /// <summary>The content of <see cref="Config"/>.</summary>
    public static BlobSource ConfigContent => BlobSource.FromBytes(Empty);

    /// <summary>Another one.</summary>
    public static Manifest Create() => new(MediaTypes.OciManifest, Json.ToBytes(new JObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaTypes.OciManifest,
        ["artifactType"] = ArtifactType,
        ["config"] = Config.ToJson(),
        ["layers"] = new JArray(Config.ToJson()),
        ["annotations"] = new JObject { [Annotations.Description] = $"in the place of a tag that is being deleted, {Guid.NewGuid()}" },
    }));
}
