using System.Globalization;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Building.Daemonless;

/// <summary>Makes an image of a finished stage and puts it into a store, the manifest last.</summary>
internal sealed class ImageWriter(Workspace workspace, IImageStore target, DateTimeOffset? sourceDate)
{
    private const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    private const string OciLayer = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>Writes layers, config and manifest; returns the manifest and the config.</summary>
    public async Task<(ImageManifest Manifest, ImageConfig Config)> WriteAsync(StageState stage, string tag, CancellationToken cancel)
    {
        var time = TimeOf(stage);
        var layers = new List<Descriptor>();
        foreach (var layer in stage.Base?.Manifest.Layers ?? [])
            layers.Add(await CopyBaseLayerAsync(stage.Base!, layer, cancel).ConfigureAwait(false));
        var diffIds = new List<Digest>();
        foreach (var step in stage.Steps.Where(step => step.Entries.Count > 0))
        {
            var packed = await LayerWriter.PackAsync(step.Entries, time, sourceDate, workspace.Folder, cancel).ConfigureAwait(false);
            await target.PutBlobAsync(packed.Descriptor, new BlobSource(_ => OpenAsync(packed.File)), cancel).ConfigureAwait(false);
            File.Delete(packed.File);
            layers.Add(packed.Descriptor);
            diffIds.Add(packed.DiffId);
        }
        var config = Encoding.UTF8.GetBytes(Config(stage, time, diffIds).ToString(Formatting.None));
        var descriptor = new Descriptor(MediaTypes.OciConfig, Digest.Of(config), config.Length);
        await target.PutBlobAsync(descriptor, BlobSource.FromBytes(config), cancel).ConfigureAwait(false);
        var manifest = ImageManifest.Create(descriptor, layers);
        await target.PutManifestAsync(manifest.Document, [tag], cancel).ConfigureAwait(false);
        return (manifest, ImageConfig.Parse(config, $"the config {descriptor.Digest.Short}"));
    }

    private async Task<Descriptor> CopyBaseLayerAsync(BaseImage image, Descriptor layer, CancellationToken cancel)
    {
        var near = await workspace.NearestAsync(layer, image.Store, cancel).ConfigureAwait(false);
        await target.PutBlobAsync(layer, new BlobSource(token => near.OpenBlobAsync(layer, token), near.Place), cancel).ConfigureAwait(false);
        return new Descriptor(ToOci(layer.MediaType), layer.Digest, layer.Size);
    }

    private static Task<Stream> OpenAsync(string file) => Task.FromResult<Stream>(File.OpenRead(file));

    // The bytes are the same; an OCI manifest names them with OCI's words.
    private static string ToOci(string mediaType) => mediaType switch
    {
        MediaTypes.DockerLayerGzip => MediaTypes.OciLayerGzip,
        DockerLayer => OciLayer,
        _ => mediaType,
    };

    // The newest content, not the clock: the same input gives the same image.
    private DateTimeOffset TimeOf(StageState stage) =>
        sourceDate
        ?? stage.Steps.SelectMany(step => step.Entries).Select(entry => entry.Modified).Append(stage.Base?.Config.Created).Max()
        ?? DateTimeOffset.UnixEpoch;

    private static JObject Config(StageState stage, DateTimeOffset time, IReadOnlyList<Digest> diffIds)
    {
        var created = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var json = (JObject?)stage.Base?.Config.Json.DeepClone() ?? ForScratch(stage.Platform);
        json["created"] = created;
        if (stage.Author is not null)
            json["author"] = stage.Author;
        json["config"] = stage.Settings.Json;
        // What Docker's older builders kept there is about the base image.
        json.Remove("container");
        json.Remove("container_config");
        json["rootfs"] = new JObject
        {
            ["type"] = "layers",
            ["diff_ids"] = new JArray((stage.Base?.Config.DiffIds ?? []).Concat(diffIds.Select(id => id.ToString()))),
        };
        json["history"] = new JArray((json["history"] as JArray ?? []).Concat(stage.Steps.Select(step => History(step, created))));
        return json;
    }

    private static JObject ForScratch(Platform platform)
    {
        var json = new JObject { ["architecture"] = platform.Architecture, ["os"] = platform.Os };
        if (platform.Variant is not null)
            json["variant"] = platform.Variant;
        return json;
    }

    private static JObject History(BuildStep step, string created)
    {
        var json = new JObject { ["created"] = created, ["created_by"] = step.CreatedBy };
        if (step.Entries.Count == 0)
            json["empty_layer"] = true;
        return json;
    }
}
