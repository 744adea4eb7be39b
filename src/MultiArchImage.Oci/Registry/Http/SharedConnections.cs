using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MultiArchImage.Oci.Registry.Trust;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>
/// The process's one pool of connections, for all clients in all runspaces. Registries with a folder of certificates have one each besides: what is
/// believed there holds nowhere else.
/// </summary>
/// <param name="folders">Where folders of certificates are.</param>
internal sealed class SharedConnections(CertificateFolders folders) : HttpMessageHandler
{
    private static readonly ConcurrentDictionary<string, Lazy<HttpMessageInvoker>> Pools = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, HttpMessageInvoker> _chosen = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="CertificateFileException">The registry's certificates are damaged.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var pool = _chosen.GetOrAdd(request.RequestUri!.Authority, Choose);
        try
        {
            return await pool.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            // A connection that ends between its opening and .NET's first look at it: on Windows that comes as it is.
            throw new HttpRequestException(HttpRequestError.ConnectionError, e.Message, e);
        }
    }

    // A folder that changed is another: a long session sees a certificate that was put there.
    private HttpMessageInvoker Choose(string authority)
    {
        var folder = folders.Find(authority);
        var key = folder is null ? "" : $"{folder}\0{Directory.GetLastWriteTimeUtc(folder).Ticks}";
        try
        {
            return Pools.GetOrAdd(key, _ => new(() => Open(folder is null ? RegistryTrust.OfMachine : RegistryTrust.Read(folder)))).Value;
        }
        catch (CertificateFileException)
        {
            Pools.TryRemove(key, out _);
            throw;
        }
    }

    private static HttpMessageInvoker Open(RegistryTrust trust) => new(new SocketsHttpHandler
    {
        // Redirects are followed by a link of the chain, which knows what must not follow them.
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        Proxy = OutwardProxy.Instance,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        EnableMultipleHttp2Connections = true,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = trust.Clients.Count > 0 ? trust.Clients : null,
            RemoteCertificateValidationCallback = (stream, certificate, chain, errors) =>
                trust.Accepts(((SslStream)stream).TargetHostName, certificate as X509Certificate2, chain, errors),
        },
    });
}
