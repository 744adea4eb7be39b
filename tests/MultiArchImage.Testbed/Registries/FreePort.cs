using System.Net;
using System.Net.Sockets;

namespace MultiArchImage.Testbed.Registries;

/// <summary>
/// Loopback ports that nobody has yet, each given once a process: what a client learned of one server must not hold for the next. They lie below those
/// that systems give to outgoing connections (32768 on Linux, 49152 on Windows), which would take one between its choice and its use.
/// </summary>
internal static class FreePort
{
    private const int First = 10_000;
    private const int Count = 22_000;

    // Test projects run beside each other: each begins elsewhere.
    private static int _last = Random.Shared.Next(Count);

    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + ((int)((uint)Interlocked.Increment(ref _last) % Count));
            if (IsFree(port))
                return port;
        }
        throw new InvalidOperationException("No port is free.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
