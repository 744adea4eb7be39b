using System.Net;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>The process's one pool of connections, for all clients in all runspaces.</summary>
internal static class SharedConnections
{
    /// <summary>The handler; clients do not dispose it.</summary>
    public static SocketsHttpHandler Handler { get; } = new()
    {
        // Redirects are followed by a link of the chain, which knows what must not follow them.
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        EnableMultipleHttp2Connections = true,
    };
}
