using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace MultiArchImage.Testbed.Registries;

/// <summary>What goes wrong with one body that is sent.</summary>
/// <param name="After">Bytes that arrive and are kept before it does.</param>
/// <param name="Status">The answer then; null for a connection that is reset.</param>
/// <param name="LosesSession">Whether the registry knows nothing of the session afterwards.</param>
/// <param name="Stalls">Whether it reads no more and says nothing.</param>
public sealed record UploadFault(long After, int? Status = null, bool LosesSession = false, bool Stalls = false);

/// <summary>
/// A registry's uploads, as distribution-spec 1.1 has them, with faults at chosen bytes: CNCF Distribution 2.8 forgets a session whose body broke, so that
/// it cannot show how one is taken up again. Its sessions lie at relative addresses with a query that must come back.
/// </summary>
public sealed class SessionServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, MemoryStream> _sessions = new();
    private readonly CancellationTokenSource _closed = new();

    public SessionServer(params UploadFault[] faults)
    {
        Faults = new ConcurrentQueue<UploadFault>(faults);
        Host = $"127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add($"http://{Host}/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Host { get; }

    /// <summary>What goes wrong with the bodies that come, one after the other.</summary>
    public ConcurrentQueue<UploadFault> Faults { get; }

    /// <summary>The least length of a chunk that it takes, but for the last (OCI-Chunk-Min-Length); 0 for none.</summary>
    public long MinimumChunk { get; init; }

    /// <summary>Whether it knows mounts from the repository itself.</summary>
    public bool KnowsMounts { get; init; } = true;

    /// <summary>The requests: method, what for, and the range of chunks.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The blobs that arrived, by digest.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>How many sessions are open.</summary>
    public int OpenSessions => _sessions.Count;

    /// <summary>How many bytes of bodies arrived.</summary>
    public long BytesReceived { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed.Cancel();
        _listener.Close();
        _closed.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                _ = AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        Requests.Enqueue($"{request.HttpMethod}{(request.Headers["Content-Range"] is { } range ? $" {range}" : "")}");
        var id = request.Url!.Segments[^1];
        if (request.Url.AbsolutePath.EndsWith("/uploads/", StringComparison.Ordinal))
            Begin(request, response);
        else if (!request.Url.AbsolutePath.Contains("/uploads/", StringComparison.Ordinal))
            response.StatusCode = Blobs.ContainsKey(id) ? 200 : 404;
        else if (!_sessions.TryGetValue(id, out var session) || request.QueryString["_token"] != $"a/b={id}")
            response.StatusCode = 404;
        else if (await TakeAsync(context, id, session))
            Answer(request, response, id, session);
        else
            return;
        response.Close();
    }

    private void Begin(HttpListenerRequest request, HttpListenerResponse response)
    {
        if (KnowsMounts && request.QueryString["mount"] is { } digest && Blobs.ContainsKey(digest))
        {
            response.StatusCode = 201;
            return;
        }
        var id = Guid.NewGuid().ToString("N");
        _sessions[id] = new MemoryStream();
        if (MinimumChunk > 0)
            response.AddHeader("OCI-Chunk-Min-Length", MinimumChunk.ToString(CultureInfo.InvariantCulture));
        Go(response, 202, id, 0);
    }

    // False where the connection was broken.
    private async Task<bool> TakeAsync(HttpListenerContext context, string id, MemoryStream session)
    {
        if (!context.Request.HasEntityBody)
            return true;
        var start = session.Length;
        var fault = Faults.TryDequeue(out var next) ? next : new UploadFault(long.MaxValue);
        var buffer = new byte[64 * 1024];
        for (int count; session.Length - start < fault.After; session.Write(buffer, 0, count), BytesReceived += count)
        {
            count = await context.Request.InputStream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, fault.After - (session.Length - start))));
            if (count == 0)
                return true;
        }
        if (fault.LosesSession)
            _sessions.TryRemove(id, out _);
        if (fault.Stalls)
            await Task.Delay(Timeout.Infinite, _closed.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        if (fault.Status is { } status)
        {
            await context.Request.InputStream.CopyToAsync(Stream.Null);
            context.Response.StatusCode = status;
            context.Response.Close();
        }
        else
        {
            // HttpListener sends a head before it breaks the connection, and some clients are quick enough to see it.
            context.Response.StatusCode = (int)HttpStatusCode.BadGateway;
            context.Response.Abort();
        }
        return false;
    }

    private void Answer(HttpListenerRequest request, HttpListenerResponse response, string id, MemoryStream session)
    {
        switch (request.HttpMethod)
        {
            case "GET":
                Go(response, 204, id, session.Length);
                break;
            case "PATCH":
                var isWhereItStood = request.Headers["Content-Range"] == $"{session.Length - request.ContentLength64}-{session.Length - 1}";
                Go(response, isWhereItStood ? 202 : 416, id, session.Length);
                break;
            case "DELETE":
                _sessions.TryRemove(id, out _);
                response.StatusCode = 204;
                break;
            default:
                Finish(request, response, id, session);
                break;
        }
    }

    private void Finish(HttpListenerRequest request, HttpListenerResponse response, string id, MemoryStream session)
    {
        var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(session.ToArray()))}";
        _sessions.TryRemove(id, out _);
        if (digest == request.QueryString["digest"])
        {
            Blobs[digest] = session.ToArray();
            response.StatusCode = 201;
            return;
        }
        response.StatusCode = 400;
        using var body = new StreamWriter(response.OutputStream);
        body.Write("""{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"}]}""");
    }

    private static void Go(HttpListenerResponse response, int status, string id, long length)
    {
        response.StatusCode = status;
        response.AddHeader("Location", $"{id}?_token={Uri.EscapeDataString($"a/b={id}")}");
        response.AddHeader("Range", $"0-{Math.Max(0, length - 1)}");
    }
}
