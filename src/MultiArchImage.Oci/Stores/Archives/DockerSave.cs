using System.Security.Cryptography;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// What <c>docker save</c> of Engine 20.10, <c>podman save</c> and others write: a <c>manifest.json</c> that names, for each image, its config,
/// its layers and its full names (moby: image/tarexport; Docker Image Specification v1.2). It has no manifest of a registry: one is made of it, always the same.
/// </summary>
internal sealed class DockerSave
{
    /// <summary>The file that says what the archive holds.</summary>
    public const string ManifestName = "manifest.json";

    private const string LayerTar = "application/vnd.docker.image.rootfs.diff.tar";

    // All images of a machine saved at once; each costs the reading of its config.
    private const int MostImages = 1000;

    private readonly string _path;
    private readonly ArchiveFile _file;
    private readonly TarIndex _tar;
    private readonly JArray _entries = [];
    private readonly Dictionary<Digest, ArchiveBlob> _blobs = [];
    private readonly Dictionary<ArchiveEntry, Descriptor> _packedLayers = [];

    private DockerSave(string path, ArchiveFile file, TarIndex tar) => (_path, _file, _tar) = (path, file, tar);

    /// <summary>Reads what the archive holds.</summary>
    /// <exception cref="InvalidArchiveException">It names what it does not hold, or is past a bound.</exception>
    /// <exception cref="InvalidImageException">A document is malformed.</exception>
    public static Task<ArchiveContent> ReadAsync(string path, ArchiveFile file, TarIndex tar, CancellationToken cancel) =>
        new DockerSave(path, file, tar).ReadAsync(cancel);

    private async Task<ArchiveContent> ReadAsync(CancellationToken cancel)
    {
        var document = await _file.ReadWholeAsync(_tar.Require(ManifestName), ManifestName, OciLimits.ManifestSize, cancel).ConfigureAwait(false);
        var images = Json.ParseArray(document, ManifestName);
        if (images.Count > MostImages)
            throw Invalid($"it has {images.Count} images; more than {MostImages} are refused");
        foreach (var image in images)
            await AddAsync(image as JObject ?? throw Invalid($"its {ManifestName} has something else where an image should be"), cancel).ConfigureAwait(false);
        var index = new JObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = _entries };
        return new ArchiveContent(_file, new LayoutIndex(index, ManifestName), _blobs);
    }

    private async Task AddAsync(JObject image, CancellationToken cancel)
    {
        var name = image.Text("Config") ?? throw Invalid($"its {ManifestName} has an image without a config");
        var place = _tar.Require(name);
        var bytes = await _file.ReadWholeAsync(place, name, OciLimits.ConfigSize, cancel).ConfigureAwait(false);
        var config = new Descriptor(MediaTypes.DockerConfig, Digest.Of(bytes), bytes.Length);
        _blobs[config.Digest] = new ArchiveBlob(place);
        var layers = await ReadLayersAsync(name, image.Texts("Layers"), ImageConfig.Parse(bytes, name).DiffIds, cancel).ConfigureAwait(false);
        var manifest = ImageManifest.Create(config, layers).Document;
        _blobs[manifest.Digest] = new ArchiveBlob(null, manifest.Bytes);
        AddNames(manifest.ToDescriptor(), image.Texts("RepoTags"));
    }

    private async Task<IReadOnlyList<Descriptor>> ReadLayersAsync(
        string config, IReadOnlyList<string> names, IReadOnlyList<string> diffIds, CancellationToken cancel)
    {
        if (names.Count != diffIds.Count)
            throw Invalid($"its {config} has {diffIds.Count} layers, and {ManifestName} names {names.Count}");
        var layers = new List<Descriptor>();
        foreach (var (name, diffId) in names.Zip(diffIds))
        {
            if (!Digest.TryParse(diffId, out var digest))
                throw Invalid($"its {config} has '{diffId}' for a layer, which is no digest");
            var place = _tar.Require(name);
            var layer = await ReadLayerAsync(place, digest, cancel).ConfigureAwait(false);
            _blobs[layer.Digest] = new ArchiveBlob(place);
            layers.Add(layer);
        }
        return layers;
    }

    // A layer lies there as it is unpacked, so that its digest is the config's diff_id, which reading it will verify. Some tools (crane, kaniko)
    // leave it packed: then only its bytes tell its digest.
    private async Task<Descriptor> ReadLayerAsync(ArchiveEntry place, Digest diffId, CancellationToken cancel)
    {
        if (_packedLayers.TryGetValue(place, out var known))
            return known;
        var content = _file.Open(place);
        await using (content.ConfigureAwait(false))
        {
            var magic = new byte[2];
            await content.ReadAtLeastAsync(magic, magic.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
            if (magic is not [0x1f, 0x8b])
                return new Descriptor(LayerTar, diffId, place.Length);
        }
        return _packedLayers[place] = new Descriptor(MediaTypes.DockerLayerGzip, await HashAsync(place, cancel).ConfigureAwait(false), place.Length);
    }

    private async Task<Digest> HashAsync(ArchiveEntry place, CancellationToken cancel)
    {
        var content = _file.Open(place);
        await using (content.ConfigureAwait(false))
            return Digest.FromHash("sha256", await SHA256.HashDataAsync(content, cancel).ConfigureAwait(false));
    }

    private void AddNames(Descriptor manifest, IReadOnlyList<string> names)
    {
        var references = names.Select(name => ImageReference.TryParse(name, out var reference) ? reference : null).OfType<ImageReference>().ToList();
        // Saved by its id, an image has no name.
        if (references.Count == 0)
            _entries.Add(manifest.ToJson());
        foreach (var reference in references.Select(name => name.OrLatest()))
        {
            var annotations = new Dictionary<string, string> { [Annotations.ImageName] = reference.FullName, [Annotations.RefName] = reference.Tag! };
            _entries.Add((manifest with { Annotations = annotations }).ToJson());
        }
    }

    private InvalidArchiveException Invalid(string reason) => new(_path, reason, TarIndex.Remedy);
}
