using Docker.DotNet;
using Docker.DotNet.Models;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Auth;
using Platform = MultiArchImage.Oci.Model.Platform;

namespace MultiArchImage.Building.Engine;

/// <summary>Pushes and pulls of an engine (Docker Engine API: ImagePush, ImageCreate).</summary>
/// <param name="client">The engine.</param>
/// <param name="keepsManifests">Whether it stores manifests as they came (containerd's image store), of whatever type.</param>
/// <param name="sink">Told how far it is.</param>
internal sealed class EngineTransfer(IDockerClient client, bool keepsManifests, IActivitySink sink)
{
    private readonly IDockerClient _client = client;
    private readonly EngineImages _images = new(client);

    /// <summary>Pushes an image under a name that may be another than its own.</summary>
    public async Task<ArchImage> PushAsync(ImageReference source, ImageReference target, RegistryCredential? account, CancellationToken cancel)
    {
        var image = await _images.GetAsync(source, cancel).ConfigureAwait(false);
        if (source.FullName == target.FullName)
            return await PushAsync(image, target, account, cancel).ConfigureAwait(false);
        var before = await _images.FindAsync($"{target}", cancel).ConfigureAwait(false);
        await _images.TagAsync(image.ImageId!, target, cancel).ConfigureAwait(false);
        try
        {
            return await PushAsync(image, target, account, cancel).ConfigureAwait(false);
        }
        finally
        {
            await RestoreAsync(target, before?.ID).ConfigureAwait(false);
        }
    }

    /// <summary>Pulls the image for one platform.</summary>
    public async Task<ArchImage> PullAsync(ImageReference reference, Platform platform, RegistryCredential? account, CancellationToken cancel)
    {
        var progress = new LayerProgress($"Pulling {reference}", sink);
        var parameters = new ImagesCreateParameters
        {
            FromImage = $"{reference.Place}",
            Tag = reference.TagOrDigest,
            Platform = platform.ToString(),
        };
        var error = await RunAsync(
            progress, () => _client.Images.CreateImageAsync(parameters, ToAuthConfig(reference, account), progress, cancel)).ConfigureAwait(false);
        if (error is not null && IsOtherPlatform(error))
            throw NoImage(reference, platform, await PlatformsAsync(reference, cancel).ConfigureAwait(false));
        if (error is not null)
            throw EngineFailure.Of(reference, "pull", error);
        var image = await _images.FindAsync(EngineImages.NameOf(reference), cancel).ConfigureAwait(false)
            ?? throw new EngineErrorException($"pull {reference}", "it was gone when it was there");
        var actual = EngineImages.PlatformOf(image);
        return actual.IsSameMachineAs(platform) ? EngineImages.ToImage(reference, image) : throw NoImage(reference, platform, [$"{actual}"]);
    }

    private async Task<ArchImage> PushAsync(ArchImage image, ImageReference target, RegistryCredential? account, CancellationToken cancel)
    {
        var progress = new LayerProgress($"Pushing {target}", sink);
        var parameters = new ImagePushParameters { Tag = target.Tag ?? ImageReference.DefaultTag };
        var error = await RunAsync(
            progress, () => _client.Images.PushImageAsync($"{target.Place}", parameters, ToAuthConfig(target, account), progress, cancel)).ConfigureAwait(false);
        if (error is not null)
            throw EngineFailure.Of(target, "push", error);
        return image with
        {
            Reference = target.ToString(),
            Registry = target.Registry,
            Repository = target.Repository,
            Tag = target.Tag,
            Digest = progress.Digest ?? throw new EngineErrorException($"push {target}", "it did not tell the digest"),
            ManifestSize = progress.ManifestSize,
            // An engine with a graph driver makes this manifest itself; the other pushes what it once got or built.
            MediaType = keepsManifests ? null : MediaTypes.DockerManifest,
            Location = "Registry",
        };
    }

    // The engine's words of the failure; null where there is none. It fails with a status before it begins, and in the stream behind that.
    private static async Task<string?> RunAsync(LayerProgress progress, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            return progress.Error;
        }
        catch (DockerApiException e)
        {
            return EngineFailure.MessageOf(e);
        }
        finally
        {
            progress.Complete();
        }
    }

    // Also after a failure or cancellation, what was tagged for the push is as it was before.
    private async Task RestoreAsync(ImageReference target, string? idBefore)
    {
        using var limit = new CancellationTokenSource(DockerEngine.AnswerLimit);
        try
        {
            await (idBefore is null ? _images.RemoveAsync(target, false, limit.Token) : _images.TagAsync(idBefore, target, limit.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ImageException or DockerApiException or HttpRequestException or OperationCanceledException)
        {
            sink.Warning($"the engine still has the tag {target}, made for the push: {e.Message}");
        }
    }

    // What the registry has, for the message; where even that cannot be asked, nothing.
    private async Task<IReadOnlyList<string>> PlatformsAsync(ImageReference reference, CancellationToken cancel)
    {
        try
        {
            var found = await _client.Distribution.InspectAsync($"{reference}", cancel).ConfigureAwait(false);
            return [.. found.Platforms.Select(platform => $"{Platform.Create(platform.OS, platform.Architecture, platform.Variant)}")];
        }
        catch (Exception e) when (e is DockerApiException or FormatException)
        {
            return ["others only"];
        }
    }

    private static bool IsOtherPlatform(string error) =>
        error.Contains("no matching manifest", StringComparison.Ordinal) || error.Contains("does not match the specified platform", StringComparison.Ordinal);

    private static NoImageForPlatformException NoImage(ImageReference reference, Platform platform, IReadOnlyList<string> available) =>
        new($"{reference}", $"{platform}", available) { Subject = $"{reference}" };

    private static AuthConfig ToAuthConfig(ImageReference reference, RegistryCredential? account)
    {
        var address = Oci.Registry.Auth.LoginKey.Write(reference.Registry);
        return account switch
        {
            null => new AuthConfig(),
            { IsIdentityToken: true } => new AuthConfig { IdentityToken = account.Secret, ServerAddress = address },
            _ => new AuthConfig { Username = account.UserName, Password = account.Secret, ServerAddress = address },
        };
    }
}
