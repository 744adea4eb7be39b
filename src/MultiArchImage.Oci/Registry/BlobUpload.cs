using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Http;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry;

/// <summary>
/// Brings blobs to a repository. One POST asks to mount the blob and opens a session where that cannot be (distribution-spec: Mounting a blob
/// from another repository): 201, it is there; 202, one PUT sends it. Two requests for a new blob, one for an old one.
/// </summary>
internal sealed class BlobUpload(RegistryClient client, ImageReference place)
{
    // A session whose body broke off holds part of the blob: it is left to the registry, which discards it, and another one begun.
    private static readonly TimeSpan RestartDelay = TimeSpan.FromMilliseconds(250);

    public async Task<BlobTransfer> RunAsync(Descriptor blob, BlobSource source, CancellationToken cancel)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await TryAsync(blob, source, cancel).ConfigureAwait(false);
            }
            catch (ImageException e) when (tries < client.MaximumRetryCount && MayPass(e))
            {
                client.Tell($"{place}: {e.Message}; sending {blob.Digest.Short} again");
                await Task.Delay(RestartDelay * (1 << Math.Min(tries, 6)), cancel).ConfigureAwait(false);
            }
        }
    }

    private static bool MayPass(ImageException failure) =>
        failure is RegistryErrorException { Status: >= 500 or 404 or 416 } or RegistryTimeoutException or UploadBrokenException;

    private async Task<BlobTransfer> TryAsync(Descriptor blob, BlobSource source, CancellationToken cancel)
    {
        var from = MountSource(source);
        var (isThere, session) = await BeginAsync(Post(blob, from), cancel).ConfigureAwait(false);
        if (isThere)
            return from == place.Repository ? BlobTransfer.Present : BlobTransfer.Mounted;
        // A registry that refuses the mount, because the source may not be read or it knows no mounts, still takes the bytes.
        session ??= (await BeginAsync(Post(blob, place.Repository), cancel).ConfigureAwait(false)).Session;
        await SendAsync(blob, source, session!, cancel).ConfigureAwait(false);
        return BlobTransfer.Sent;
    }

    // Neither there nor a session: the registry refused the mount from another repository.
    private async Task<(bool IsThere, Uri? Session)> BeginAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var isForeign = RegistryRequest.Of(request).Scopes.Count > 1;
        try
        {
            using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
            return response.StatusCode switch
            {
                HttpStatusCode.Created => (true, null),
                HttpStatusCode.Accepted when response.Headers.Location is not null => (false, Session(response, request)),
                _ => throw await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false),
            };
        }
        catch (ImageException e) when (isForeign && e is RegistryErrorException { Status: < 500 } or RegistryDeniedException or RegistryUnauthorizedException)
        {
            client.Tell($"{place}: {e.Message}; sending it instead of mounting");
            return (false, null);
        }
    }

    // Only a repository of the same registry can be mounted from: Docker Hub answers 400 to a foreign name. Where there is none, the target itself
    // stands in, which asks whether the blob is there already.
    private string MountSource(BlobSource source) =>
        source.Place is { IsFile: false } other && other.Registry == place.Registry ? other.Repository : place.Repository;

    private HttpRequestMessage Post(Descriptor blob, string from)
    {
        var scopes = new List<string> { client.Scope(place.Repository, push: true) };
        if (from != place.Repository)
            scopes.Add($"repository:{from}:pull");
        var path = $"{place.Repository}/blobs/uploads/?mount={Uri.EscapeDataString($"{blob.Digest}")}&from={Uri.EscapeDataString(from)}";
        var request = new RegistryRequest(place.Registry, place.Repository, scopes).Message(HttpMethod.Post, new Uri(client.Api(place.Registry), path));
        request.Content = new ByteArrayContent([]);
        return request;
    }

    private async Task SendAsync(Descriptor blob, BlobSource source, Uri session, CancellationToken cancel)
    {
        var query = $"digest={Uri.EscapeDataString($"{blob.Digest}")}";
        var target = new UriBuilder(session) { Query = session.Query.Length > 1 ? $"{session.Query[1..]}&{query}" : query }.Uri;
        var request = (Context() with { IsOnce = true }).Message(HttpMethod.Put, target);
        request.Content = new StreamedContent(source.OpenAsync, blob.Size);
        using var response = await SendOnceAsync(request, cancel).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Created)
            throw await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            return await client.SendAsync(request, cancel).ConfigureAwait(false);
        }
        catch (RegistryUnreachableException e)
        {
            throw new UploadBrokenException(place.Registry, e);
        }
    }

    // Location may be relative, and on another host; credentials go to the registry's own only, and nothing goes over plain HTTP that began over TLS.
    private Uri Session(HttpResponseMessage response, HttpRequestMessage request)
    {
        var session = new Uri(request.RequestUri!, response.Headers.Location!);
        return session.Scheme == request.RequestUri!.Scheme || session.Scheme == Uri.UriSchemeHttps
            ? session
            : throw new RegistryErrorException(place.Registry, RegistryFailure.Describe(request), (int)response.StatusCode, null, $"it wants the bytes at {session.Scheme}://{session.Authority}, which is not protected");
    }

    private RegistryRequest Context() => new(place.Registry, place.Repository, [client.Scope(place.Repository, push: true)]);
}
