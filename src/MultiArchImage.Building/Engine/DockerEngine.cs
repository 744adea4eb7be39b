using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Docker.DotNet;
using Docker.DotNet.NativeHttp;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Auth;

namespace MultiArchImage.Building.Engine;

/// <summary>A Docker Engine that answers. Safe for several calls at once.</summary>
public sealed class DockerEngine : IDisposable
{
    /// <summary>How long an engine may take for a small answer: it is on this machine, or near.</summary>
    internal static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(4);

    private readonly DockerClient _client;
    private readonly ImageBuild _build;
    private readonly EngineImages _images;
    private readonly EngineTransfer _transfer;

    private DockerEngine(DockerClient client, Platform platform, bool keepsManifests, IActivitySink sink)
    {
        _client = client;
        Platform = platform;
        _build = new ImageBuild(client, sink);
        _images = new EngineImages(client);
        _transfer = new EngineTransfer(client, keepsManifests, sink);
    }

    /// <summary>The engine's own operating system and architecture.</summary>
    public Platform Platform { get; }

    /// <summary>Finds the engine, and asks who it is.</summary>
    /// <param name="dockerHost">Its address; null for what the environment and Docker's contexts say.</param>
    /// <param name="sink">Told what the engine does.</param>
    /// <param name="cancel">Stops the waiting.</param>
    /// <exception cref="EngineUnavailableException">None answers within a few seconds.</exception>
    public static Task<DockerEngine> ConnectAsync(string? dockerHost, IActivitySink sink, CancellationToken cancel) =>
        ConnectAsync(EngineEndpoint.Resolve(dockerHost, EngineEnvironment.Current), sink, cancel);

    /// <summary>Asks the engine who it is.</summary>
    internal static async Task<DockerEngine> ConnectAsync(EngineEndpoint endpoint, IActivitySink sink, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(AnswerLimit);
        DockerClient? client = null;
        try
        {
            client = Open(endpoint);
            var engine = await AskAsync(client, sink, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            sink.Debug($"Docker Engine at {endpoint.Address} ({endpoint.Source}), {engine.Platform}");
            return engine;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && IsSilence(e))
        {
            client?.Dispose();
            var reason = e is OperationCanceledException ? $"no answer within {AnswerLimit.TotalSeconds} s" : e.GetBaseException().Message;
            throw new EngineUnavailableException(endpoint.Address.OriginalString, endpoint.Source, reason, e) { Subject = endpoint.Address.OriginalString };
        }
        catch
        {
            client?.Dispose();
            throw;
        }
    }

    /// <summary>Builds an image, with BuildKit.</summary>
    /// <exception cref="BuildFailedException">A step failed, or the Dockerfile is malformed.</exception>
    /// <exception cref="PlatformMismatchException">The Dockerfile made an image for another platform.</exception>
    public Task<ArchImage> BuildAsync(BuildRequest request, BuildContext context, CancellationToken cancel) =>
        WhileItAnswersAsync($"build {request.Reference}", () => BuildOneAsync(request, context, cancel), cancel);

    /// <summary>The engine's images, one for each tag that fits, sorted by reference.</summary>
    public async IAsyncEnumerable<ArchImage> ListAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var image in await WhileItAnswersAsync("list its images", () => _images.ListAsync(pattern, cancel), cancel).ConfigureAwait(false))
            yield return image;
    }

    /// <summary>An image by its name.</summary>
    /// <exception cref="ManifestNotFoundException">The engine has no such image.</exception>
    public Task<ArchImage> GetAsync(ImageReference reference, CancellationToken cancel) =>
        WhileItAnswersAsync($"inspect {reference}", () => _images.GetAsync(reference.OrLatest(), cancel), cancel);

    /// <summary>Pushes an image; one that goes by another name there has that name in the engine only while it is pushed.</summary>
    /// <param name="source">The image's name in the engine.</param>
    /// <param name="target">Its name at the registry.</param>
    /// <param name="account">Who pushes; null for nobody.</param>
    /// <param name="cancel">Stops the push.</param>
    /// <returns>The pushed image; its media type is null where only the registry can tell it.</returns>
    /// <exception cref="ManifestNotFoundException">The engine has no such image.</exception>
    /// <exception cref="RegistryUnauthorizedException">The registry wants credentials, or other ones.</exception>
    /// <exception cref="RegistryDeniedException">The account may not push there.</exception>
    /// <exception cref="RegistryUnreachableException">The engine does not reach the registry.</exception>
    public Task<ArchImage> PushAsync(ImageReference source, ImageReference target, RegistryCredential? account, CancellationToken cancel) =>
        WhileItAnswersAsync($"push {target}", () => _transfer.PushAsync(source.OrLatest(), target.OrLatest(), account, cancel), cancel);

    /// <summary>Pulls the image for one platform.</summary>
    /// <exception cref="ManifestNotFoundException">The registry has no such image.</exception>
    /// <exception cref="NoImageForPlatformException">It has, but not for the platform.</exception>
    public Task<ArchImage> PullAsync(ImageReference reference, Platform platform, RegistryCredential? account, CancellationToken cancel) =>
        WhileItAnswersAsync($"pull {reference}", () => _transfer.PullAsync(reference.OrLatest(), platform, account, cancel), cancel);

    /// <summary>Takes a name away from an image; with its last name the image goes.</summary>
    /// <exception cref="ManifestNotFoundException">The engine has no such image.</exception>
    public Task RemoveAsync(ImageReference reference, CancellationToken cancel) => RemoveAsync(reference, false, cancel);

    /// <summary>As the other; with <paramref name="force"/> also where a stopped container uses the image.</summary>
    /// <exception cref="ManifestNotFoundException">The engine has no such image.</exception>
    public Task RemoveAsync(ImageReference reference, bool force, CancellationToken cancel) => WhileItAnswersAsync(
        $"remove {reference}",
        async () =>
        {
            await _images.RemoveAsync(reference.OrLatest(), force, cancel).ConfigureAwait(false);
            return reference;
        },
        cancel);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<ArchImage> BuildOneAsync(BuildRequest request, BuildContext context, CancellationToken cancel)
    {
        var id = await _build.RunAsync(request, context, cancel).ConfigureAwait(false);
        var image = await _images.FindAsync(id, cancel).ConfigureAwait(false)
            ?? throw new EngineErrorException($"build {request.Reference}", "the image was gone when it was there");
        var actual = EngineImages.PlatformOf(image);
        return actual.IsSameMachineAs(request.Platform)
            ? EngineImages.ToImage(request.Reference, image)
            : throw new PlatformMismatchException($"{request.Reference}", $"{request.Platform}", $"{actual}") { Subject = $"{request.Reference}" };
    }

    // An engine may go away at any time; and a connection that was closed for a cancellation reports all sorts of things.
    private static async Task<T> WhileItAnswersAsync<T>(string action, Func<Task<T>> work, CancellationToken cancel)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (cancel.IsCancellationRequested && e is not OperationCanceledException)
        {
            throw new OperationCanceledException(e.Message, e, cancel);
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw new EngineErrorException(action, $"the connection to it broke: {e.GetBaseException().Message}", e);
        }
        catch (DockerApiException e)
        {
            throw new EngineErrorException(action, EngineFailure.MessageOf(e), e);
        }
    }

    private static DockerClient Open(EngineEndpoint endpoint)
    {
        // A build is silent for as long as its longest step: whoever waits decides how long, by cancelling.
        var builder = new DockerClientBuilder().WithTimeout(Timeout.InfiniteTimeSpan);
        if (endpoint.Certificates is not { } certificates)
            return builder.WithEndpoint(endpoint.Address).Build();
        var address = new UriBuilder(endpoint.Address) { Scheme = Uri.UriSchemeHttps }.Uri;
        return builder.WithEndpoint(address)
            .WithTransportOptions(new NativeHttpTransportOptions { ConfigureHandler = handler => certificates.Configure(handler.SslOptions) })
            .Build();
    }

    private static async Task<DockerEngine> AskAsync(DockerClient client, IActivitySink sink, CancellationToken cancel)
    {
        var version = client.System.GetVersionAsync(cancel);
        var info = await client.System.GetSystemInfoAsync(cancel).ConfigureAwait(false);
        var about = await version.ConfigureAwait(false);
        var keepsManifests = info.DriverStatus?.Any(status => status is ["driver-type", "io.containerd.snapshotter.v1"]) ?? false;
        return new DockerEngine(client, Platform.Create(about.Os, about.Arch), keepsManifests, sink);
    }

    private static bool IsSilence(Exception e) =>
        IsBroken(e) || e is TimeoutException or OperationCanceledException or DockerApiException or CryptographicException or DockerConfigurationException;

    // The client reports each address of a host that it tried in vain as an aggregate.
    private static bool IsBroken(Exception e) => e is HttpRequestException or IOException or SocketException or AggregateException;
}
