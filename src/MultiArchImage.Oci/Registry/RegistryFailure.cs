using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry.Http;
using MultiArchImage.Oci.Registry.Trust;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Registry;

/// <summary>Makes failures of answers and of missing ones: in the words of the registry, where it has any (distribution-spec: Error Codes).</summary>
internal static class RegistryFailure
{
    // An error's text is for a person; a page of HTML from a proxy is not.
    private const int MaximumBody = 64 * 1024;
    private const int MaximumDetail = 300;
    private const string TlsRemedy = "a registry without TLS needs -PlainHttp, one that wants a client certificate its files in certs.d";

    /// <summary>Method and path of a request.</summary>
    public static string Describe(HttpRequestMessage request) => $"{request.Method} {request.RequestUri!.AbsolutePath}";

    /// <summary>The failure that an answer states.</summary>
    public static async Task<ImageException> OfAsync(HttpResponseMessage response, HttpRequestMessage request, CancellationToken cancel)
    {
        var context = RegistryRequest.Of(request);
        var (code, detail) = await ReadAsync(response, cancel).ConfigureAwait(false);
        var name = context.Repository is null ? context.Registry : $"{context.Registry}/{context.Repository}";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new RegistryUnauthorizedException(context.Registry, context.Repository, detail ?? "not authorized") { Subject = name },
            HttpStatusCode.Forbidden => new RegistryDeniedException(context.Registry, context.Repository, Action(request), detail) { Subject = name },
            HttpStatusCode.NotFound when code == "NAME_UNKNOWN" && context.Repository is not null =>
                new RepositoryNotFoundException(context.Registry, context.Repository) { Subject = name },
            HttpStatusCode.ProxyAuthenticationRequired when UsedProxy.Of(request) is { } proxy => proxy.WantsLogin(context.Registry, null),
            HttpStatusCode.TooManyRequests => new RateLimitedException(
                context.Registry, Describe(request), (detail ?? "too many requests") + Persistence.Of(request)) { Subject = name },
            _ => new RegistryErrorException(context.Registry, Describe(request) + Persistence.Of(request), (int)response.StatusCode, code, detail) { Subject = name },
        };
    }

    /// <summary>The failure where no answer came; what is none of a connection's comes back as it was.</summary>
    public static Exception Of(Exception failure, HttpRequestMessage request, TimeSpan timeout)
    {
        var registry = RegistryRequest.Of(request).Registry;
        var root = failure.GetBaseException();
        return failure switch
        {
            TimeoutException => new RegistryTimeoutException(registry, Describe(request) + Persistence.Of(request), timeout) { Subject = registry },
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } e when UsedProxy.Of(request) is { } proxy =>
                e.Message.Contains("407", StringComparison.Ordinal) ? proxy.WantsLogin(registry, e) : proxy.Refuses(registry, e),
            HttpRequestException when root is SocketException && UsedProxy.Of(request) is { } proxy => proxy.IsAway(registry, failure),
            HttpRequestException when root is CertificateRefusedException refused =>
                new RegistryUnreachableException(registry, refused.Message, refused.Remedy ?? Trust(request.RequestUri!), failure) { Subject = registry },
            HttpRequestException when root is AuthenticationException => new RegistryUnreachableException(
                registry, $"it does not speak TLS as this machine does ({root.Message})", TlsRemedy, failure)
                { Subject = registry },
            HttpRequestException when root is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
                new RegistryUnreachableException(registry, "its name is not known", "check the name, and the network", failure) { Subject = registry },
            HttpRequestException when root is SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
                new RegistryUnreachableException(registry, $"nothing listens at {request.RequestUri!.Authority}", "check host and port", failure) { Subject = registry },
            HttpRequestException or IOException => new RegistryUnreachableException(
                registry, Reason(root) + Persistence.Of(request), request.RequestUri!.Scheme == Uri.UriSchemeHttps ? $"check the network; {TlsRemedy}" : "check the network", failure)
                { Subject = registry },
            _ => failure,
        };
    }

    // A registry that refuses this side's certificate ends a connection that seemed to stand already (RFC 8446, 4.4.2.4).
    private static string Reason(Exception root) => root is ObjectDisposedException ? "it ended the connection" : root.Message;

    private static string Trust(Uri address) =>
        $"have the authority trusted by this machine, or put its certificate into {Path.Combine(CertificateFolders.OfProcess().Suggest(address.Authority), "ca.crt")}";

    private static string Action(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head ? "pull" : request.Method == HttpMethod.Delete ? "delete" : "push";

    private static async Task<(string? Code, string? Detail)> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            var body = await BoundedContent.ReadAsync(response.Content, MaximumBody, "the error", cancel).ConfigureAwait(false);
            var error = (Json.ParseObject(body, "the error")["errors"] as JArray)?.OfType<JObject>().FirstOrDefault();
            var (code, message) = (error?.Text("code"), error?.Text("message"));
            return (code, message is { Length: > MaximumDetail } ? message[..MaximumDetail] + "…" : message);
        }
        catch (Exception e) when (e is ImageException or IOException or HttpRequestException)
        {
            return (null, null);
        }
    }
}
