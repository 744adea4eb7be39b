using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MultiArchImage.Benchmarks;

/// <summary>
/// What it takes at least to bring blobs from one registry of this machine to another: a thread for each, which hands on what it reads from one socket
/// to the next and looks at none of it. No tokens, no retries, no progress, no manifests.
/// </summary>
/// <param name="source">Host and port of the registry that has the blobs, in <c>team/app</c>.</param>
/// <param name="target">Host and port of the other.</param>
internal sealed class BarePump(string source, string target)
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Copies blobs, all at once.</summary>
    /// <param name="blobs">Their digests and sizes.</param>
    public Task RunAsync(IEnumerable<(string Digest, long Size)> blobs) =>
        Task.WhenAll(blobs.Select(blob => Task.Factory.StartNew(() => Copy(blob.Digest, blob.Size), TaskCreationOptions.LongRunning)));

    private void Copy(string digest, long size)
    {
        using var from = Connect(source);
        using var to = Connect(target);
        var buffer = new byte[BufferSize];
        Send(to, $"POST /v2/team/app/blobs/uploads/ HTTP/1.1\r\nHost: {target}\r\nContent-Length: 0\r\n\r\n");
        var location = Location(ReadHead(to, buffer).Head);
        Send(from, $"GET /v2/team/app/blobs/{digest} HTTP/1.1\r\nHost: {source}\r\n\r\n");
        Send(to, $"PUT {location}&digest={digest} HTTP/1.1\r\nHost: {target}\r\nContent-Type: application/octet-stream\r\nContent-Length: {size}\r\n\r\n");
        var body = ReadHead(from, buffer).Body;
        for (var left = size - to.Send(body.Span); left > 0; left -= to.Send(buffer.AsSpan(0, from.Receive(buffer))))
        {
        }
        if (!ReadHead(to, buffer).Head.StartsWith("HTTP/1.1 201", StringComparison.Ordinal))
            throw new InvalidOperationException($"{target} did not take {digest}");
    }

    private static Socket Connect(string host)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPEndPoint.Parse(host));
        return socket;
    }

    private static void Send(Socket socket, string head) => socket.Send(Encoding.ASCII.GetBytes(head));

    // The head of an answer, and what came with it of its body.
    private static (string Head, Memory<byte> Body) ReadHead(Socket socket, byte[] buffer)
    {
        for (var count = 0; count < buffer.Length;)
        {
            count += socket.Receive(buffer.AsSpan(count));
            if (buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
                return (Encoding.ASCII.GetString(buffer, 0, end), buffer.AsMemory(end + 4, count - end - 4));
        }
        throw new InvalidOperationException("this is no HTTP");
    }

    private static string Location(string head)
    {
        const string header = "\r\nLocation: ";
        var location = head[(head.IndexOf(header, StringComparison.OrdinalIgnoreCase) + header.Length)..];
        return new Uri(location[..location.IndexOf("\r\n", StringComparison.Ordinal)]).PathAndQuery;
    }
}
