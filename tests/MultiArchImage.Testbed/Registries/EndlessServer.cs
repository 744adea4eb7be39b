using System.Net;

namespace MultiArchImage.Testbed.Registries;

/// <summary>A loopback HTTP server that answers everything with spaces, as many as a test says, without telling beforehand how many.</summary>
public sealed class EndlessServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly long _length;
    private long _sent;

    /// <param name="length">How many.</param>
    public EndlessServer(long length)
    {
        _length = length;
        Host = $"127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add($"http://{Host}/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Host { get; }

    /// <summary>How many bytes somebody took, or lie between the two.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <inheritdoc/>
    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        var spaces = new byte[64 * 1024];
        Array.Fill(spaces, (byte)' ');
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                context.Response.SendChunked = true;
                for (long sent = 0; sent < _length; sent += spaces.Length)
                {
                    await context.Response.OutputStream.WriteAsync(spaces);
                    Interlocked.Add(ref _sent, spaces.Length);
                }
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over, or the client went away.
            }
        }
    }
}
