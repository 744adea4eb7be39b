using System.Collections.Concurrent;
using MultiArchImage.Building.Engine;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Building;

/// <summary>
/// Publishes images: the engine pushes its own, all others are copied. An image comes out knowing its digest, so that it is joined by what was
/// pushed and not by what its tag means a second later.
/// </summary>
public sealed class ImagePublisher(
    ImageStores stores, EngineConnection engine, CredentialResolver credentials, IActivitySink sink, int throttleLimit) : IDisposable
{
    // One for each way, so that a layer that several images share is brought once.
    private readonly ConcurrentDictionary<(IImageStore From, IImageStore To), ImageTransfer> _transfers = new();
    private readonly ImageListing _listing = new(stores, sink);
    private readonly ConcurrentDictionary<ImageReference, ArchImage> _named = new();

    /// <summary>Where an image goes: its tag at the destination, or its own name, which a layout or archive tells where only that is known.</summary>
    /// <exception cref="NoDestinationException">The image is in a layout or archive and says no name of a registry.</exception>
    public async Task<ImageReference> TargetAsync(ArchImage image, ImageReference? destination, CancellationToken cancel)
    {
        var reference = ImageReference.Parse(image.Reference);
        var mustAsk = destination is null && reference.IsFile && image.Repository.Length == 0;
        return mustAsk && stores.Open(reference) is IIntendedNames names
            && await names.GetIntendedNameAsync(reference.TagOrDigest, cancel).ConfigureAwait(false) is { } meant
                ? meant.OrLatest()
                : Target(image, destination);
    }

    /// <summary>Publishes one image to where <see cref="TargetAsync"/> says.</summary>
    /// <exception cref="NameConflictException">Another image of this command has that name already.</exception>
    public async Task<ArchImage> PublishAsync(ArchImage image, ImageReference target, CancellationToken cancel)
    {
        if (_named.GetOrAdd(target, image) is var first && Identity(first) != Identity(image))
            throw new NameConflictException($"{target}", first.Reference, image.Reference, "put {arch} into -Destination, or publish them one by one") { Subject = image.Reference };
        var source = ImageReference.Parse(image.Reference).OrLatest();
        var isInEngine = !source.IsFile && image.Location is "Engine" or "";
        return isInEngine
            ? await PushAsync(image, source, target, cancel).ConfigureAwait(false)
            : await CopyAsync(image, source, target, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var transfer in _transfers.Values)
            transfer.Dispose();
    }

    private static string Identity(ArchImage image) => image.Digest ?? image.ImageId ?? image.Reference;

    private static ImageReference Target(ArchImage image, ImageReference? destination)
    {
        var reference = ImageReference.Parse(image.Reference);
        if (destination is not null)
            return (reference.Tag ?? image.Tag) is { } tag ? destination.Place.WithTag(tag) : destination.Place;
        if (!reference.IsFile)
            return reference.OrLatest();
        return image is { Repository.Length: > 0, Tag: not null }
            ? ImageReference.Parse($"{image.Registry}/{image.Repository}:{image.Tag}")
            : throw new NoDestinationException(image.Reference) { Subject = image.Reference };
    }

    private async Task<ArchImage> PushAsync(ArchImage image, ImageReference source, ImageReference target, CancellationToken cancel)
    {
        if (target.IsFile)
            throw new UnsupportedPlaceException($"{target} as the destination of an image of the engine", "give the repository of a registry, or use docker save") { Subject = $"{source}" };
        var docker = await engine.OpenAsync(cancel).ConfigureAwait(false);
        var built = await HeldAsync(docker, image, source, cancel).ConfigureAwait(false);
        if (await FindPublishedAsync(built, target, cancel).ConfigureAwait(false) is { } there)
        {
            sink.Verbose($"{target} holds {built.ImageId} already: nothing is pushed");
            return there;
        }
        var account = await credentials.ResolveAsync(target.Registry, target.Repository, cancel).ConfigureAwait(false);
        var pushed = await docker.PushAsync(source, target, account, cancel).ConfigureAwait(false);
        // The engine pushes what the name holds, which another job may have moved meanwhile.
        await HeldAsync(docker, built, source, cancel).ConfigureAwait(false);
        // An engine that stores content as it came (containerd) may have pushed an index; what it is, only the registry can tell.
        return pushed.MediaType is null
            ? await ReadAsync(target.WithDigest(Digest.Parse(pushed.Digest!)), cancel).ConfigureAwait(false)
            : pushed with { WasSeen = true };
    }

    // What the engine has under the name; where a command of before said which image it is, that one and no other.
    private static async Task<ArchImage> HeldAsync(DockerEngine docker, ArchImage image, ImageReference source, CancellationToken cancel)
    {
        try
        {
            var held = await docker.GetAsync(source, cancel).ConfigureAwait(false);
            return image.ImageId is null || image.ImageId == held.ImageId
                ? held
                : throw new EngineTagMovedException($"{source}", image.ImageId, held.ImageId) { Subject = $"{source}" };
        }
        catch (ManifestNotFoundException) when (image.ImageId is not null)
        {
            throw new EngineTagMovedException($"{source}", image.ImageId, null) { Subject = $"{source}" };
        }
    }

    // A build from the cache comes to the image of the day before. The engine would push its manifest all the same; a look costs less, and no pull
    // where the name is free. What stands in the way of the look is for the push to say.
    private async Task<ArchImage?> FindPublishedAsync(ArchImage built, ImageReference target, CancellationToken cancel)
    {
        try
        {
            var store = stores.Open(target.Place);
            if (await store.ResolveAsync(target.TagOrDigest, cancel).ConfigureAwait(false) is not { } held || !MediaTypes.IsImageManifest(held.MediaType))
                return null;
            var manifest = await store.GetManifestAsync($"{held.Digest}", cancel).ConfigureAwait(false);
            return $"{ImageManifest.Parse(manifest).Config.Digest}" != built.ImageId ? null : built.At(target) with
            {
                Digest = $"{manifest.Digest}",
                MediaType = manifest.MediaType,
                ManifestSize = manifest.Bytes.Length,
            };
        }
        catch (ImageException e)
        {
            sink.Debug($"{target} was not looked at before the push: {e.Message}");
            return null;
        }
    }

    private async Task<ArchImage> CopyAsync(ArchImage image, ImageReference source, ImageReference target, CancellationToken cancel)
    {
        var known = image is { Digest: not null, Platform.Length: > 0, ManifestSize: > 0 } ? image : await ReadAsync(source, cancel).ConfigureAwait(false);
        if (source.Place != target.Place)
        {
            var transfer = _transfers.GetOrAdd(
                (stores.Open(source.Place), stores.Open(target.Place, NameOf(known))), way => new ImageTransfer(way.From, way.To, sink, throttleLimit));
            await transfer.CopyAsync(known.Digest!, [target.Tag ?? ImageReference.DefaultTag], cancel).ConfigureAwait(false);
        }
        return known.At(target);
    }

    // In a layout or archive the image keeps the name that it has, or is meant to have, in a registry.
    private static ImageReference? NameOf(ArchImage image) =>
        image.Repository.Length > 0 ? ImageReference.Parse($"{image.Registry}/{image.Repository}") : null;

    private async Task<ArchImage> ReadAsync(ImageReference reference, CancellationToken cancel)
    {
        var found = new List<ArchImage>();
        await foreach (var image in _listing.ListAsync(ReferencePattern.Parse($"{reference}"), cancel).ConfigureAwait(false))
            found.Add(image);
        return found is [var only] ? only : throw new NotOneImageException($"{reference}", found.Count) { Subject = $"{reference}" };
    }
}
