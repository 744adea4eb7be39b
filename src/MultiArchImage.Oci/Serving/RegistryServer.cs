using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MultiArchImage.Oci.Serving;

/// <summary>
/// A registry on this machine: OCI distribution specification 1.1 over a folder of image layouts. All that was answered as done is on disk,
/// under its final name, so the process may die at any time; nothing but the folder is kept, so several may serve it at once.
/// </summary>
public sealed class RegistryServer : IAsyncDisposable
{
    // How long a request may take to end when the server is stopped.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    // Another program may take the port between the look and the start.
    private const int PortTries = 10;

    // Windows lets everybody listen to the name, but not to the address, without an administrator's leave. Elsewhere it is both, or the address
    // alone where the name leads nowhere (a container without hosts file).
    private static readonly string[][] Names = OperatingSystem.IsWindows() ? [["localhost"]] : [["127.0.0.1", "localhost"], ["127.0.0.1"]];

    private readonly HttpListener _listener;
    private readonly RegistryProtocol _protocol;
    private readonly RegistryServerOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _active;

    private RegistryServer(HttpListener listener, string host, RegistryServerOptions options, RegistryProtocol protocol)
    {
        (_listener, Host, _options, _protocol) = (listener, host, options, protocol);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Host and port, as in references: <c>127.0.0.1:5000</c>; <c>localhost:5000</c> on Windows.</summary>
    public string Host { get; }

    /// <summary>The folder that is served.</summary>
    public string Path => _options.Path;

    /// <summary>The user that it lets in; null where anybody may come.</summary>
    public string? UserName => _options.Credential?.UserName;

    /// <summary>Starts a registry, which answers when this returns.</summary>
    /// <exception cref="PortInUseException">Another program listens there.</exception>
    /// <exception cref="UnservableFolderException">The folder is something else than one of layouts, or nothing can be written there.</exception>
    public static RegistryServer Start(RegistryServerOptions options)
    {
        var protocol = new RegistryProtocol(new RegistryFolder(options.Path, options.Time), options.Credential is null ? null : new BasicLogin(options.Credential));
        for (var tries = 1; ; tries++)
        {
            var port = options.Port ?? FreePort();
            if (Names.Select(names => TryListen(names, port)).FirstOrDefault(listener => listener is not null) is { } listening)
                return new RegistryServer(listening, $"{Names[0][0]}:{port}", options, protocol);
            if (options.Port is not null || tries == PortTries)
                throw new PortInUseException(port);
        }
    }

    /// <summary>Stops: what is being answered has a second to end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        for (var end = Environment.TickCount64 + StopPatience.TotalMilliseconds; Volatile.Read(ref _active) > 0 && Environment.TickCount64 < end;)
            await Task.Delay(10).ConfigureAwait(false);
        _listener.Close();
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
    }

    private static HttpListener? TryListen(IEnumerable<string> names, int port)
    {
        var listener = new HttpListener { IgnoreWriteExceptions = true };
        foreach (var name in names)
            listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://{name}:{port}/"));
        try
        {
            listener.Start();
            return listener;
        }
        catch (Exception e) when (e is HttpListenerException or SocketException)
        {
            listener.Close();
            return null;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var context = await _listener.GetContextAsync().WaitAsync(_stop.Token).ConfigureAwait(false);
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (HttpListenerException)
            {
                // A connection that was lost before its request was read.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        Interlocked.Increment(ref _active);
        try
        {
            var answer = await _protocol.AnswerAsync(Read(context.Request), CancellationToken.None).ConfigureAwait(false);
            await WriteAsync(context, answer).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The client went away, was silent for too long, or broke the protocol so that the listener gave up.
            Abandon(context.Response);
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }

    // The listener closes with the headers as they stand, where none were sent: they must not say that all is well.
    private static void Abandon(HttpListenerResponse response)
    {
        try
        {
            response.StatusCode = (int)HttpStatusCode.RequestTimeout;
            response.ContentLength64 = 0;
        }
        catch (Exception e) when (e is InvalidOperationException or ProtocolViolationException)
        {
            // Part of the answer is on its way, and will be missed.
        }
        response.Abort();
    }

    private RegistryCall Read(HttpListenerRequest request) => new(
        request.HttpMethod,
        (request.RawUrl ?? "").Split('?', 2)[0],
        request.QueryString,
        request.Headers,
        new RequestBody(request.InputStream, _options.IdleLimit),
        request.ContentLength64 < 0 ? null : request.ContentLength64);

    private static async Task WriteAsync(HttpListenerContext context, Answer answer)
    {
        var response = context.Response;
        response.StatusCode = (int)answer.Status;
        response.AddHeader("Docker-Distribution-Api-Version", "registry/2.0");
        foreach (var (name, value) in answer.Headers)
            response.AppendHeader(name, value);
        response.ContentType = answer.ContentType;
        response.ContentLength64 = answer.Length;
        if (answer.WriteAsync is not null && context.Request.HttpMethod != "HEAD")
            await answer.WriteAsync(response.OutputStream, CancellationToken.None).ConfigureAwait(false);
        response.Close();
    }
}
