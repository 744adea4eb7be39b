using System.Net;
using System.Text;

namespace MultiArchImage.Testbed.Registries;

/// <summary>A loopback HTTP server that answers as a test says: for what no real registry can be made to do.</summary>
public sealed class AnsweringServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<HttpListenerContext, string> _answer;

    /// <param name="answer">Sets status and headers and returns the body.</param>
    public AnsweringServer(Func<HttpListenerContext, string> answer)
    {
        _answer = answer;
        Host = $"127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add($"http://{Host}/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Host { get; }

    /// <inheritdoc/>
    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var body = Encoding.UTF8.GetBytes(_answer(context));
                context.Response.ContentLength64 = body.Length;
                context.Response.Close(context.Request.HttpMethod == "HEAD" ? [] : body, willBlock: true);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over, or the client went away.
            }
        }
    }
}
