using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace MultiArchImage.Testbed.Registries;

/// <summary>
/// A loopback server that resets the first connections without a word, and breaks each later one after so many bytes of the body; it
/// understands ranges.
/// </summary>
public sealed class BreakingServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _content;
    private readonly int _breakAt;
    private int _resets;

    public BreakingServer(byte[] content, int breakAt, int resets = 0)
    {
        (_content, _breakAt, _resets) = (content, breakAt, resets);
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Host => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The offsets that were asked for.</summary>
    public ConcurrentQueue<int> Ranges { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                if (_resets-- > 0)
                    client.LingerState = new LingerOption(true, 0);
                else
                    await AnswerAsync(client.GetStream());
            }
            catch (IOException)
            {
                // The client went away.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[4096];
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer);
            if (count == 0)
                return;
            head.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        var range = Regex.Match(head.ToString(), @"[Rr]ange: bytes=(\d+)-");
        var offset = range.Success ? int.Parse(range.Groups[1].Value) : 0;
        if (range.Success)
            Ranges.Enqueue(offset);
        var status = range.Success ? $"206 Partial Content\r\nContent-Range: bytes {offset}-{_content.Length - 1}/{_content.Length}" : "200 OK";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {_content.Length - offset}\r\n\r\n"));
        await stream.WriteAsync(_content.AsMemory(offset, Math.Min(_breakAt + (offset * 2), _content.Length - offset)));
    }
}
