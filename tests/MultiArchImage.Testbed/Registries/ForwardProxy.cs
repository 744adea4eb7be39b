using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MultiArchImage.Testbed.Registries;

/// <summary>
/// An HTTP proxy as companies have it, which wants a login (RFC 9110, 9.3.6 and 11.7): whatever host it is asked for, it goes to one registry.
/// </summary>
public sealed class ForwardProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _registry;
    private readonly string _login;
    private int _connections;

    /// <param name="registry">Host and port of the registry.</param>
    /// <param name="user">Who may use it.</param>
    /// <param name="password">The password.</param>
    public ForwardProxy(string registry, string user, string password)
    {
        (_registry, _login) = (registry, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Host => $"{_listener.LocalEndpoint}";

    /// <summary>How many connections it let through.</summary>
    public int Connections => _connections;

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            try
            {
                while (await ReadHeadAsync(stream) is { Length: > 0 } head)
                {
                    if (!head.Contains($"Proxy-Authorization: Basic {_login}", StringComparison.OrdinalIgnoreCase))
                    {
                        await stream.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                        continue;
                    }
                    await PassAsync(stream, head);
                    return;
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // One side went away.
            }
        }
    }

    // Servers understand the whole address that a proxy is given (RFC 9112, 3.2.2), so that all that follows goes on as it is.
    private async Task PassAsync(NetworkStream stream, string head)
    {
        Interlocked.Increment(ref _connections);
        var target = _registry.Split(':');
        using var registry = new TcpClient();
        await registry.ConnectAsync(target[0], int.Parse(target[1]));
        var other = registry.GetStream();
        if (head.StartsWith("CONNECT ", StringComparison.Ordinal))
            await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
        else
            await other.WriteAsync(Encoding.ASCII.GetBytes(head));
        await Task.WhenAny(stream.CopyToAsync(other), other.CopyToAsync(stream));
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1)
            head.Append((char)one[0]);
        return head.ToString();
    }
}
