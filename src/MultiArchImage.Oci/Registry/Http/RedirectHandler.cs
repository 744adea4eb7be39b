using System.Net;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>
/// Follows redirects of reads, as registries answer them for blobs that lie in another host's storage. Credentials go to the registry's own
/// host only, and nothing is fetched over plain HTTP that was asked for over TLS.
/// </summary>
internal sealed class RedirectHandler : DelegatingHandler
{
    private const int MaximumRedirects = 5;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        for (var followed = 0; IsRedirect(request, response); followed++)
        {
            var target = new Uri(request.RequestUri!, response.Headers.Location!);
            response.Dispose();
            if (followed == MaximumRedirects)
                throw Refused(request, $"it redirects more than {MaximumRedirects} times");
            if (target.Scheme != Uri.UriSchemeHttps && (target.Scheme != Uri.UriSchemeHttp || request.RequestUri!.Scheme == Uri.UriSchemeHttps))
                throw Refused(request, $"it redirects to {target.Scheme}://{target.Authority}, which is not protected");
            request = Follow(request, target);
            response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        return response;
    }

    private static bool IsRedirect(HttpRequestMessage request, HttpResponseMessage response) =>
        (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head)
        && response.Headers.Location is not null
        && response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static HttpRequestMessage Follow(HttpRequestMessage request, Uri target)
    {
        var next = RegistryRequest.Of(request).Message(request.Method, target);
        var sameHost = target.Authority == request.RequestUri!.Authority;
        foreach (var header in request.Headers.Where(header => sameHost || header.Key != "Authorization"))
            next.Headers.TryAddWithoutValidation(header.Key, header.Value);
        return next;
    }

    private static RegistryErrorException Refused(HttpRequestMessage request, string reason) =>
        new(RegistryRequest.Of(request).Registry, RegistryFailure.Describe(request), (int)HttpStatusCode.TemporaryRedirect, null, reason);
}
