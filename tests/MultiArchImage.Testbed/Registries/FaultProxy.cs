using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MultiArchImage.Testbed.Registries;

/// <summary>
/// Stands before a registry, counts connections, and lets requests go wrong, down to the byte: it speaks HTTP/1.1 on bare sockets, as no HTTP server can be made to break
/// off where a test wants it. Which byte is a matter of its seed.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(60);

    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    private readonly HttpClient _registry;
    private readonly Fault? _fault;
    private readonly int _first;
    private readonly Random _random;
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<Socket, bool> _clients = new();
    private readonly int _port = FreePort.Next();
    private TcpListener? _listener;
    private volatile bool _isArmed;
    private int _requests;
    private int _strikes;
    private int _token;

    /// <param name="registry">Host and port of the registry.</param>
    /// <param name="fault">What goes wrong; null for nothing.</param>
    /// <param name="seed">Decides at which byte.</param>
    /// <param name="first">The request it happens to, from 0 when it is armed; where it cannot, the next one that it can.</param>
    /// <param name="isLasting">Whether it happens to all later ones, too.</param>
    public FaultProxy(string registry, Fault? fault = null, int seed = 0, int first = 0, bool isLasting = false)
    {
        _registry = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://{registry}") };
        (_fault, _first, _random) = (fault, first, new Random(seed));
        Times = isLasting ? int.MaxValue : 1;
        _ = ServeAsync(Listen());
    }

    /// <summary>Host and port.</summary>
    public string Host => $"127.0.0.1:{_port}";

    /// <summary>How many connections there were.</summary>
    public int Connections { get; private set; }

    /// <summary>The method whose requests go wrong; null for all.</summary>
    public string? Method { get; init; }

    /// <summary>How many requests go wrong.</summary>
    public int Times { get; init; }

    /// <summary>How many requests went wrong.</summary>
    public int Strikes => _strikes;

    /// <summary>From now on requests go wrong; before, none does.</summary>
    public void Arm() => _isArmed = true;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        Reset();
        _registry.Dispose();
        _closed.Dispose();
    }

    private TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, _port);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Start();
        _closed.Token.Register(listener.Dispose);
        _listener = listener;
        return listener;
    }

    private async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(_closed.Token);
                Connections++;
                _clients[client] = true;
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It is away, or the test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            while (await AnswerAsync(client, stream))
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or HttpRequestException)
        {
            // One side went away.
        }
        finally
        {
            _clients.TryRemove(client, out _);
        }
    }

    // False where the connection is over.
    private async Task<bool> AnswerAsync(Socket client, NetworkStream stream)
    {
        if (await ReadHeadAsync(stream) is not { } head)
            return false;
        var request = ProxyRequest.Parse(head);
        var fault = _isArmed && Interlocked.Increment(ref _requests) > _first ? _fault : null;
        if (fault is not null && !TryStrike(fault, request))
            fault = null;
        if (fault?.Kind == FaultKind.ResetInRequest)
        {
            await ReadAsync(stream, Next(request.Length + 1));
            return Reset(client);
        }
        var body = await ReadAsync(stream, request.Length);
        switch (fault?.Kind)
        {
            case FaultKind.Status:
                await stream.WriteAsync(Refusal(fault, request), _closed.Token);
                return true;
            case FaultKind.Silence:
                await Task.Delay(Timeout.Infinite, _closed.Token);
                return false;
            case FaultKind.Garbage:
                await stream.WriteAsync("220 mail.example ESMTP\r\n\r\n"u8.ToArray(), _closed.Token);
                return false;
            case FaultKind.Restart:
                Restart();
                return false;
            case FaultKind.ExpiredToken:
                _token++;
                break;
        }
        if (_fault?.Kind == FaultKind.ExpiredToken && Guard(request) is { } guarded)
        {
            await stream.WriteAsync(guarded, _closed.Token);
            return true;
        }
        var (start, content) = await AskAsync(request, body);
        if (fault is null || (fault.Kind == FaultKind.Corruption && content.Length == 0) || fault.Kind == FaultKind.ExpiredToken)
        {
            await stream.WriteAsync((byte[])[.. start, .. content], _closed.Token);
            return true;
        }
        return await BreakAsync(client, stream, fault.Kind, start, content);
    }

    private async Task<bool> BreakAsync(Socket client, NetworkStream stream, FaultKind kind, byte[] start, byte[] content)
    {
        var answer = (byte[])[.. start, .. content];
        switch (kind)
        {
            case FaultKind.Corruption:
                answer[start.Length + Next(content.Length)] ^= 1;
                await stream.WriteAsync(answer, _closed.Token);
                return true;
            case FaultKind.AnswerLost:
                return Reset(client);
            default:
                await stream.WriteAsync(answer.AsMemory(0, Next(answer.Length)), _closed.Token);
                // What was written must be read before a reset throws it away.
                await Task.Delay(5, _closed.Token);
                if (kind == FaultKind.ResetInAnswer)
                    return Reset(client);
                if (kind == FaultKind.Stall)
                    await Task.Delay(Timeout.Infinite, _closed.Token);
                return false;
        }
    }

    // Of several at once, only so many. An answer without a body cannot have another.
    private bool TryStrike(Fault fault, ProxyRequest request)
    {
        if ((Method ?? request.Method) != request.Method || (fault.Kind == FaultKind.Corruption && request.Method != "GET"))
            return false;
        if (Interlocked.Increment(ref _strikes) <= Times)
            return true;
        Interlocked.Decrement(ref _strikes);
        return false;
    }

    private void Restart()
    {
        _listener!.Dispose();
        Reset();
        if (Times == 1)
            _ = Task.Delay(Away, _closed.Token).ContinueWith(_ => ServeAsync(Listen()), TaskContinuationOptions.OnlyOnRanToCompletion);
    }

    private void Reset()
    {
        foreach (var client in _clients.Keys)
            Reset(client);
    }

    private static bool Reset(Socket client)
    {
        try
        {
            client.LingerState = new LingerOption(true, 0);
            client.Close();
        }
        catch (ObjectDisposedException)
        {
            // Its client closed it.
        }
        return false;
    }

    private int Next(int limit)
    {
        lock (_random)
            return _random.Next(limit);
    }

    // As a registry that wants tokens, and its token server in one. Null for a request that may pass.
    private byte[]? Guard(ProxyRequest request)
    {
        if (request.Path.StartsWith("/token", StringComparison.Ordinal))
            return Answer(200, $$"""{"token":"token-{{_token}}"}""", "");
        return request.Header("Authorization") == $"Bearer token-{_token}"
            ? null
            : Answer(401, "", $"WWW-Authenticate: Bearer realm=\"http://{Host}/token\",service=\"proxy\",error=\"invalid_token\"\r\n");
    }

    private static byte[] Refusal(Fault fault, ProxyRequest request) => Answer(
        fault.Status,
        request.Method == "HEAD" ? "" : """{"errors":[{"code":"UNAVAILABLE","message":"a fault of the testbed"}]}""",
        fault.RetryAfter is { } wait ? $"Retry-After: {wait()}\r\n" : "");

    private static byte[] Answer(int status, string body, string headers) =>
        Encoding.ASCII.GetBytes($"HTTP/1.1 {status} {(HttpStatusCode)status}\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}");

    private async Task<(byte[] Start, byte[] Content)> AskAsync(ProxyRequest request, byte[] body)
    {
        using var message = request.ToMessage(body, Host);
        using var response = await _registry.SendAsync(message, _closed.Token);
        var content = await response.Content.ReadAsByteArrayAsync(_closed.Token);
        var start = new StringBuilder($"HTTP/1.1 {(int)response.StatusCode} {response.ReasonPhrase}\r\n");
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            if (!name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) && (request.Method == "HEAD" || name != "Content-Length"))
                start.Append($"{name}: {string.Join(", ", values)}\r\n");
        }
        if (request.Method != "HEAD" && response.StatusCode != HttpStatusCode.NoContent)
            start.Append($"Content-Length: {content.Length}\r\n");
        return (Encoding.ASCII.GetBytes($"{start}\r\n"), content);
    }

    private async Task<string?> ReadHeadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < HeadEnd.Length || !head.TakeLast(HeadEnd.Length).SequenceEqual(HeadEnd))
        {
            if (await stream.ReadAsync(one, _closed.Token) == 0)
                return null;
            head.Add(one[0]);
        }
        return Encoding.ASCII.GetString([.. head]);
    }

    private async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, _closed.Token);
        return bytes;
    }
}
