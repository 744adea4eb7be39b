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
    public async Task<BlobTransfer> RunAsync(Descriptor blob, BlobSource source, CancellationToken cancel)
    {
        var from = MountSource(source);
        var request = Post(blob, from);
        using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.Created)
            return from == place.Repository ? BlobTransfer.Present : BlobTransfer.Mounted;
        if (response.StatusCode != HttpStatusCode.Accepted || response.Headers.Location is null)
            throw await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
        await SendAsync(blob, source, Session(response, request), cancel).ConfigureAwait(false);
        return BlobTransfer.Sent;
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
        var request = Context().Message(HttpMethod.Put, target);
        request.Content = new StreamedContent(source.OpenAsync, blob.Size);
        using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Created)
            throw await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
    }

    // Location may be relative, and on another host of the registry's. Credentials follow only to the same one: the chain sees to that by authority.
    private static Uri Session(HttpResponseMessage response, HttpRequestMessage request) => new(request.RequestUri!, response.Headers.Location!);

    private RegistryRequest Context() => new(place.Registry, place.Repository, [client.Scope(place.Repository, push: true)]);
}
