using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Model;

/// <summary>One image: its config and its layers. image-spec: Image Manifest; Docker: image manifest version 2, schema 2.</summary>
public sealed class ImageManifest
{
    private ImageManifest(Manifest document, Descriptor config, IReadOnlyList<Descriptor> layers) =>
        (Document, Config, Layers) = (document, config, layers);

    /// <summary>The exact bytes.</summary>
    public Manifest Document { get; }

    /// <summary>The image configuration.</summary>
    public Descriptor Config { get; }

    /// <summary>The layers, base first.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }

    /// <summary>Annotations of the manifest.</summary>
    public IReadOnlyDictionary<string, string> Annotations => Document.Json.Map("annotations");

    /// <summary>Config and layers: all that must be there for the image to be whole.</summary>
    public IEnumerable<Descriptor> Blobs => Layers.Prepend(Config);

    /// <summary>Bytes of the config and layers as they are pulled, as the document says.</summary>
    public long ContentSize => ByteSize.Sum(Blobs.Select(blob => blob.Size));

    /// <summary>Whether the config is an image's, not an artifact's.</summary>
    public bool IsImage => Config.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig;

    /// <summary>Reads an image manifest.</summary>
    /// <param name="document">The document.</param>
    /// <param name="name">What it is called in errors; null for its digest.</param>
    /// <exception cref="InvalidImageException">The document is of another type, or malformed.</exception>
    public static ImageManifest Parse(Manifest document, string? name = null)
    {
        name ??= $"manifest {document.Digest.Short}";
        if (document.MediaType is MediaTypes.DockerSchema1 or MediaTypes.DockerSchema1Signed)
            throw new InvalidImageException(name, "is an image of Docker's schema 1, which no engine of today reads; build and push it again");
        if (!MediaTypes.IsImageManifest(document.MediaType))
            throw new InvalidImageException(name, $"is of type '{document.MediaType}', not an image manifest");
        if (document.Json["manifests"] is not null)
            throw new InvalidImageException(name, "has manifests beside its layers: engines would not agree on what it is (CVE-2021-41190)");
        var layers = document.Json["layers"] as JArray ?? throw new InvalidImageException(name, "has no layers field");
        return new ImageManifest(
            document, Descriptor.FromJson(document.Json["config"], name), [.. layers.Select(layer => Descriptor.FromJson(layer, name))]);
    }

    /// <summary>Makes a manifest of a config and layers; its type follows the config's.</summary>
    public static ImageManifest Create(Descriptor config, IReadOnlyList<Descriptor> layers)
    {
        var mediaType = MediaTypes.IsDocker(config.MediaType) ? MediaTypes.DockerManifest : MediaTypes.OciManifest;
        var json = new JObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = mediaType,
            ["config"] = config.ToJson(),
            ["layers"] = new JArray(layers.Select(layer => layer.ToJson())),
        };
        return new ImageManifest(new Manifest(mediaType, Json.ToBytes(json)), config, layers);
    }
}
