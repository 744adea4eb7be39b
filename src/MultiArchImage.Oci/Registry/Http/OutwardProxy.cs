using System.Net;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>The proxy of the environment (<c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>NO_PROXY</c>) or the system, for other machines: what is on this one no proxy can reach.</summary>
internal sealed class OutwardProxy : IWebProxy
{
    /// <summary>The only one: it has no state.</summary>
    public static OutwardProxy Instance { get; } = new();

    public ICredentials? Credentials
    {
        get => HttpClient.DefaultProxy.Credentials;
        set => throw new NotSupportedException();
    }

    public Uri? GetProxy(Uri destination) => HttpClient.DefaultProxy.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || HttpClient.DefaultProxy.IsBypassed(host);
}
