using MultiArchImage.Building.Engine;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Building;

/// <summary>Brings the image that fits a platform to this machine: into the engine, or into a layout or archive.</summary>
public sealed class ImageReceiver(
    ImageStores stores, EngineConnection engine, CredentialResolver credentials, IActivitySink sink, int throttleLimit)
{
    /// <summary>Pulls into the engine, which has the platform of its own machine where none is given.</summary>
    /// <exception cref="NoImageForPlatformException">The name has no image for the platform.</exception>
    public async Task<ArchImage> IntoEngineAsync(ImageReference reference, Platform? platform, CancellationToken cancel)
    {
        if (reference.IsFile)
            throw new UnsupportedPlaceException($"{reference} as the source of an image of the engine", "give -Destination, or use docker load for a docker-archive:") { Subject = $"{reference}" };
        var docker = await engine.OpenAsync(cancel).ConfigureAwait(false);
        var account = await credentials.ResolveAsync(reference.Registry, reference.Repository, cancel).ConfigureAwait(false);
        return await docker.PullAsync(reference.OrLatest(), platform ?? docker.Platform, account, cancel).ConfigureAwait(false);
    }

    /// <summary>Copies the platform's image, with its layers, to a layout or archive; the tag is kept where the destination has none.</summary>
    /// <exception cref="NoImageForPlatformException">The name has no image for the platform.</exception>
    public async Task<ArchImage> IntoFilesAsync(ImageReference reference, ImageReference destination, Platform? platform, CancellationToken cancel)
    {
        var wanted = platform ?? Platform.Local;
        var source = stores.Open(reference.Place);
        var chosen = await ChooseAsync(source, reference, wanted, cancel).ConfigureAwait(false);
        var name = await NameAsync(source, reference, cancel).ConfigureAwait(false);
        var target = destination.Tag is null ? destination.WithTag(reference.Tag ?? name?.Tag ?? ImageReference.DefaultTag) : destination;
        var image = ImageManifest.Parse(chosen);
        var config = await source.ReadConfigAsync(image, cancel).ConfigureAwait(false);
        if (!config.Platform.IsSameMachineAs(wanted))
            throw new NoImageForPlatformException($"{reference}", $"{wanted}", [$"{config.Platform}"]) { Subject = $"{reference}" };
        using var transfer = new ImageTransfer(source, stores.Open(target.Place, name), sink, throttleLimit);
        await transfer.CopyAsync(chosen, [target.Tag!], cancel).ConfigureAwait(false);
        return ArchImage.Of(target, chosen.ToDescriptor(), image, config) with { Registry = name?.Registry ?? "", Repository = name?.Repository ?? "" };
    }

    // The name that the image has, or is meant to have, in a registry.
    private static async Task<ImageReference?> NameAsync(IImageStore source, ImageReference reference, CancellationToken cancel) =>
        !reference.IsFile ? reference
        : source is IIntendedNames names ? await names.GetIntendedNameAsync(reference.TagOrDigest, cancel).ConfigureAwait(false)
        : null;

    private static async Task<Manifest> ChooseAsync(IImageStore source, ImageReference reference, Platform platform, CancellationToken cancel)
    {
        var manifest = await source.GetManifestAsync(reference.TagOrDigest, cancel).ConfigureAwait(false);
        if (!manifest.IsIndex)
            return manifest;
        var index = ImageIndex.Parse(manifest);
        var entry = index.Find(platform) ?? throw new NoImageForPlatformException(
            $"{reference}", $"{platform}", [.. index.Images.Select(image => $"{image.Platform}")]) { Subject = $"{reference}" };
        return await source.GetManifestAsync($"{entry.Digest}", cancel).ConfigureAwait(false);
    }
}
