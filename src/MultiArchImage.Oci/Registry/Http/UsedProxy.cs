namespace MultiArchImage.Oci.Registry.Http;

/// <summary>The proxy that the environment or the system has for a request, and what it does wrong. Its login is never told.</summary>
/// <param name="Authority">Its host and port.</param>
/// <param name="Variable">The environment variable that names it, where one does.</param>
internal sealed record UsedProxy(string Authority, string Variable)
{
    /// <summary>The proxy of a request; null where it goes straight to the registry.</summary>
    public static UsedProxy? Of(HttpRequestMessage request) =>
        request.RequestUri is { } address && !OutwardProxy.Instance.IsBypassed(address) && OutwardProxy.Instance.GetProxy(address) is { } proxy && proxy != address
            ? new UsedProxy(proxy.Authority, address.Scheme == Uri.UriSchemeHttps ? "HTTPS_PROXY" : "HTTP_PROXY")
            : null;

    public RegistryUnreachableException WantsLogin(string registry, Exception? failure) =>
        new(registry, $"the proxy {Authority} wants a login", $"give it in {Variable}, http://user:password@host:port", failure) { Subject = registry };

    public RegistryUnreachableException Refuses(string registry, HttpRequestException failure) =>
        new(registry, $"the proxy {Authority} does not let it through ({failure.Message})", $"check {Variable} and NO_PROXY", failure) { Subject = registry };

    public RegistryUnreachableException IsAway(string registry, Exception failure) =>
        new(registry, $"nothing listens at the proxy {Authority}", $"check {Variable} and NO_PROXY", failure) { Subject = registry };
}
