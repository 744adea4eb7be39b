using MultiArchImage.Oci.Layers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Building.Daemonless;

/// <summary>An image that a stage starts from or copies from.</summary>
/// <param name="Reference">Its name.</param>
/// <param name="Store">Where it is.</param>
/// <param name="Manifest">Its manifest, of one platform.</param>
/// <param name="Config">Its config.</param>
internal sealed record BaseImage(ImageReference Reference, IImageStore Store, ImageManifest Manifest, ImageConfig Config)
{
    /// <summary>Finds the image of a platform.</summary>
    /// <exception cref="ManifestNotFoundException">The reference is not there.</exception>
    /// <exception cref="DockerfileException">It has no image for the platform.</exception>
    public static async Task<BaseImage> OpenAsync(
        Instruction instruction, ImageReference reference, IImageStore store, Platform platform, CancellationToken cancel)
    {
        var document = await store.GetManifestAsync(reference.TagOrDigest, cancel).ConfigureAwait(false);
        if (document.IsIndex)
        {
            var index = ImageIndex.Parse(document);
            var entry = index.Find(platform) ?? throw instruction.Error(
                $"{reference} has no image for {platform}", $"it has {string.Join(", ", index.Images.Select(image => image.Platform).OfType<Platform>())}");
            document = await store.GetManifestAsync(entry.Digest.ToString(), cancel).ConfigureAwait(false);
        }
        var manifest = ImageManifest.Parse(document);
        var config = ImageConfig.Parse(await ReadConfigAsync(reference, store, manifest.Config, cancel).ConfigureAwait(false), $"the config of {reference}");
        if (!config.Platform.IsSameMachineAs(platform))
            throw instruction.Error($"{reference} is an image for {config.Platform}, not for {platform}", "name one for that platform, or a fat manifest");
        if (config.DiffIds.Count != manifest.Layers.Count)
            throw new InvalidImageException(reference.ToString(), $"has {manifest.Layers.Count} layers, but {config.DiffIds.Count} in its config");
        return new BaseImage(reference, store, manifest, config);
    }

    /// <summary>The files of the image.</summary>
    public async Task<FileTree> ReadTreeAsync(Workspace workspace, CancellationToken cancel)
    {
        var (tree, budget) = (new FileTree(), new ReadingBudget(bytes: OciLimits.UnpackedSize));
        foreach (var layer in Manifest.Layers)
        {
            var near = await workspace.BringNearAsync(layer, Store, cancel).ConfigureAwait(false);
            await LayerReader.ApplyAsync(tree, layer, near, budget, cancel).ConfigureAwait(false);
        }
        return tree;
    }

    private static async Task<byte[]> ReadConfigAsync(ImageReference reference, IImageStore store, Descriptor config, CancellationToken cancel)
    {
        if (config.Size > OciLimits.ConfigSize)
            throw new InvalidImageException($"the config of {reference}", $"has {config.Size} bytes; more than {OciLimits.ConfigSize} are refused");
        using var bytes = new MemoryStream();
        var stream = await store.OpenBlobAsync(config, cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
            await stream.CopyToAsync(bytes, cancel).ConfigureAwait(false);
        return bytes.ToArray();
    }
}
