using System.Net;

namespace MultiArchImage.Testbed.Registries;

/// <summary>A proxy in front of a registry that holds each request for a while.</summary>
public abstract class RegistryProxy : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpClient _client;
    private int _requests;

    protected RegistryProxy(string registry)
    {
        _client = new HttpClient { BaseAddress = new Uri($"http://{registry}") };
        Host = $"127.0.0.1:{RegistryProcess.FreePort()}";
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
    protected abstract Task HoldAsync();

    /// <summary>Adds to the headers of an answer; false refuses the request with 429 instead.</summary>
    protected virtual bool Admits(HttpListenerRequest request, WebHeaderCollection headers) => true;

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
        if (!Admits(context.Request, context.Response.Headers))
        {
            context.Response.StatusCode = (int)HttpStatusCode.TooManyRequests;
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
    protected override Task HoldAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    protected override bool Admits(HttpListenerRequest request, WebHeaderCollection headers)
    {
        var isManifest = request.RawUrl!.Contains("/manifests/", StringComparison.Ordinal);
        var pulls = isManifest && request.HttpMethod == "GET" ? Interlocked.Increment(ref _pulls) : _pulls;
        if (isManifest)
        {
            headers.Add("RateLimit-Limit", $"{limit};w=21600");
            headers.Add("RateLimit-Remaining", $"{Math.Max(0, limit - pulls)};w=21600");
        }
        return pulls <= limit;
    }
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
