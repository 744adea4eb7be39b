using System.Net;

namespace MultiArchImage.Testbed.Registries;

/// <summary>A proxy in front of a registry that holds each request for a while, or answers one itself.</summary>
public abstract class RegistryProxy : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpClient _client;
    private int _requests;

    protected RegistryProxy(string registry)
    {
        _client = new HttpClient { BaseAddress = new Uri($"http://{registry}") };
        Host = $"127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add($"http://{Host}/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Host { get; }

    /// <summary>How many requests came.</summary>
    public int Requests => _requests;

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _listener.Close();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends when the request may go on.</summary>
    protected virtual Task HoldAsync() => Task.CompletedTask;

    /// <summary>The status that a request, <c>PUT /v2/app/manifests/1</c>, is answered with in the registry's place; null to let it through.</summary>
    /// <param name="request">Method and path.</param>
    /// <param name="headers">The headers of the answer, for more of them.</param>
    protected virtual int? Refuse(string request, WebHeaderCollection headers) => null;

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
        Interlocked.Increment(ref _requests);
        await HoldAsync();
        if (Refuse($"{context.Request.HttpMethod} {context.Request.RawUrl}", context.Response.Headers) is { } status)
        {
            context.Response.StatusCode = status;
            context.Response.Close();
            return;
        }
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), context.Request.RawUrl);
        foreach (var accepted in context.Request.Headers.GetValues("Accept") ?? [])
            request.Headers.TryAddWithoutValidation("Accept", accepted);
        if (context.Request.HasEntityBody)
        {
            request.Content = new StreamContent(context.Request.InputStream);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }
        using var response = await _client.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        if (response.Headers.TryGetValues("Docker-Content-Digest", out var digests))
            context.Response.AddHeader("Docker-Content-Digest", digests.First());
        // Sessions of uploads go through here too.
        if (response.Headers.Location is { } location)
            context.Response.AddHeader("Location", location.IsAbsoluteUri ? location.PathAndQuery : location.OriginalString);
        context.Response.Close(body, willBlock: true);
    }
}

/// <summary>Lets each request wait as long as a round trip to a far registry takes.</summary>
public sealed class DelayingProxy(string registry, TimeSpan delay) : RegistryProxy(registry)
{
    /// <inheritdoc/>
    protected override Task HoldAsync() => Task.Delay(delay);
}

/// <summary>Counts the manifests that are read, as Docker Hub does, and lets only so many be.</summary>
public sealed class CountingProxy(string registry, int limit) : RegistryProxy(registry)
{
    private int _pulls;

    /// <inheritdoc/>
    protected override int? Refuse(string request, WebHeaderCollection headers)
    {
        if (!request.Contains("/manifests/", StringComparison.Ordinal))
            return null;
        var pulls = request.StartsWith("GET ", StringComparison.Ordinal) ? Interlocked.Increment(ref _pulls) : _pulls;
        headers.Add("RateLimit-Limit", $"{limit};w=21600");
        headers.Add("RateLimit-Remaining", $"{Math.Max(0, limit - pulls)};w=21600");
        return pulls <= limit ? null : (int)HttpStatusCode.TooManyRequests;
    }
}

/// <summary>Refuses some requests; the registry never sees them.</summary>
public sealed class RefusingProxy(string registry, Func<string, int?> refuse) : RegistryProxy(registry)
{
    /// <inheritdoc/>
    protected override int? Refuse(string request, WebHeaderCollection headers) => refuse(request);
}

/// <summary>
/// Holds requests until no more come, and lets all of them go on at once: a wave. So many waves as a client needs, so many times it waits for the
/// registry, however slow either is.
/// </summary>
public sealed class WaveProxy : RegistryProxy
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(400);

    private readonly Timer _timer;
    private TaskCompletionSource _wave = New();
    private int _waves;

    public WaveProxy(string registry)
        : base(registry) => _timer = new Timer(_ => Release());

    /// <summary>How many waves there were.</summary>
    public int Waves => _waves;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override Task HoldAsync()
    {
        var wave = _wave.Task;
        _timer.Change(Quiet, Timeout.InfiniteTimeSpan);
        return wave;
    }

    private void Release()
    {
        Interlocked.Increment(ref _waves);
        Interlocked.Exchange(ref _wave, New()).SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
