using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Http;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry.Uploads;

/// <summary>
/// Brings blobs to a repository. One POST asks to mount the blob and opens a session where that cannot be (distribution-spec: Mounting a blob
/// from another repository): 201, it is there; 202, one PUT sends it. Two requests for a new blob, one for one that the registry has, none for one
/// that this run brought there before.
/// </summary>
internal sealed class BlobUpload(RegistryClient client, ImageReference place)
{
    // To ask whether it is there costs as much time as to send this.
    private const long WorthAsking = 1024 * 1024;

    private readonly BlobLocations _known = client.Locations;

    public async Task<BlobTransfer> RunAsync(Descriptor blob, BlobSource source, CancellationToken cancel)
    {
        using var turn = await client.Turns.TakeAsync(place.Registry, blob.Digest, cancel).ConfigureAwait(false);
        if (_known.WasSeen(place, blob.Digest))
            return BlobTransfer.Present;
        var way = await BringAsync(blob, source, cancel).ConfigureAwait(false);
        _known.Add(place, blob.Digest);
        return way;
    }

    private async Task<BlobTransfer> BringAsync(Descriptor blob, BlobSource source, CancellationToken cancel)
    {
        var sender = new BlobSender(client, place, blob, source);
        for (var from = MountSource(blob, source); ; from = place.Repository)
        {
            var session = await BeginAsync(blob, from, cancel).ConfigureAwait(false);
            if (session is null)
                return from == place.Repository ? BlobTransfer.Present : BlobTransfer.Mounted;
            var isDone = false;
            try
            {
                if (await IsThereAsync(blob, from, session, cancel).ConfigureAwait(false))
                    return BlobTransfer.Present;
                // A session that was lost is begun anew, which also tells whether the blob arrived although the answer did not.
                isDone = await sender.SendAsync(session, cancel).ConfigureAwait(false);
                if (isDone)
                    return BlobTransfer.Sent;
            }
            finally
            {
                if (!isDone)
                    await session.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    // Only a repository of the same registry can be mounted from: Docker Hub answers 400 to a foreign name. Where there is none, the target itself
    // stands in, which asks whether the blob is there already.
    private string MountSource(Descriptor blob, BlobSource source)
    {
        var known = _known.Find(place.Registry, blob.Digest);
        if (known.Contains(place.Repository))
            return place.Repository;
        return source.Place is { IsFile: false } other && other.Registry == place.Registry
            ? other.Repository
            : known.Count > 0 ? known[0] : place.Repository;
    }

    // No session: the blob is there. A registry that refuses the mount, because the source may not be read or it knows no mounts, still takes the bytes.
    private async Task<UploadSession?> BeginAsync(Descriptor blob, string from, CancellationToken cancel)
    {
        var request = Post(blob, from);
        try
        {
            using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
            return response.StatusCode switch
            {
                HttpStatusCode.Created => null,
                HttpStatusCode.Accepted => new UploadSession(client, place, response, request),
                _ => throw await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false),
            };
        }
        catch (ImageException e) when (from != place.Repository && IsRefusal(e))
        {
            client.Tell($"{place}: {e.Message}; sending it instead of mounting");
        }
        _known.Remove(place.Registry, from, blob.Digest);
        return await BeginAsync(blob, place.Repository, cancel).ConfigureAwait(false);
    }

    private static bool IsRefusal(ImageException failure) =>
        failure is RegistryErrorException { Status: < 500 } or RegistryDeniedException or RegistryUnauthorizedException or RepositoryNotFoundException;

    // The session says that the mount did not succeed. That the blob is missing it says only where the mount was from the repository itself, of a
    // registry that knows such.
    private async Task<bool> IsThereAsync(Descriptor blob, string from, UploadSession session, CancellationToken cancel)
    {
        var wasKnown = _known.Find(place.Registry, blob.Digest).Contains(from);
        if (wasKnown)
            _known.Remove(place.Registry, from, blob.Digest);
        if (blob.Size < WorthAsking || (from == place.Repository && !wasKnown && session.IsDistribution))
            return false;
        return await client.Open(place).HasBlobAsync(blob.Digest, cancel).ConfigureAwait(false);
    }

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
}
