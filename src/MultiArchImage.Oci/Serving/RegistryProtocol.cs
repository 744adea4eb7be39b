using System.Net;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Serving;

/// <summary>The OCI distribution specification 1.1, from a request to its answer.</summary>
/// <param name="registry">Where everything lies.</param>
/// <param name="login">Who may come in.</param>
internal sealed class RegistryProtocol(RegistryFolder registry, BasicLogin? login)
{
    // A refused body that is longer costs more to read than the connection is worth.
    private const int MaximumDrain = 64 * 1024 * 1024;

    private readonly ManifestRequests _manifests = new(registry);
    private readonly BlobRequests _blobs = new(registry);
    private readonly UploadRequests _uploads = new(registry);
    private readonly ListRequests _lists = new(registry);

    /// <summary>Answers a request; what is wrong with it is in the answer.</summary>
    public async Task<Answer> AnswerAsync(RegistryCall call, CancellationToken cancel)
    {
        try
        {
            login?.Require(call.Headers["Authorization"]);
            return await RouteAsync(call, cancel).ConfigureAwait(false);
        }
        catch (RefusedException refused)
        {
            await DrainAsync(call.Body, cancel).ConfigureAwait(false);
            return refused.ToAnswer();
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException && e is not BrokenRequestException)
        {
            // A damaged or busy layout, a full disk: the client may see why, for it is on this machine.
            return new RefusedException(HttpStatusCode.InternalServerError, "UNKNOWN", e.Message).ToAnswer();
        }
    }

    // Who still sends does not listen, and would learn of the refusal by a broken connection.
    private static async Task DrainAsync(Stream body, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        for (int count, left = MaximumDrain; left > 0 && (count = await body.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
            left -= count;
    }

    private Task<Answer> RouteAsync(RegistryCall call, CancellationToken cancel) => call.Route.Resource switch
    {
        Resource.Api => Task.FromResult(Api(call)),
        Resource.Manifest => _manifests.AnswerAsync(call, cancel),
        Resource.Blob => Task.FromResult(_blobs.Answer(call)),
        Resource.Uploads or Resource.Upload => _uploads.AnswerAsync(call, cancel),
        Resource.Catalog or Resource.Tags or Resource.Referrers => _lists.AnswerAsync(call, cancel),
        _ => throw RefusedException.Unsupported(HttpStatusCode.NotFound, "the API of this registry has no such path"),
    };

    // distribution-spec: Determining Support.
    private static Answer Api(RegistryCall call) => call.IsRead ? Answer.Json(HttpStatusCode.OK, new JObject()) : throw call.NoSuchMethod();
}
