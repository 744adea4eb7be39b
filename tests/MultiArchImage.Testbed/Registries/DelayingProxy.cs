using System.Collections.Concurrent;
using System.Net;

namespace MultiArchImage.Testbed.Registries;

/// <summary>
/// A proxy in front of a registry that lets each request wait as long as a round trip to a far one, and counts how many followed upon each other's
/// answers: the round trips that a client needs.
/// </summary>
public sealed class DelayingProxy : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpClient _client;
    private readonly TimeSpan _delay;
    private readonly ConcurrentQueue<(long Start, long End)> _spans = new();

    public DelayingProxy(string registry, TimeSpan delay)
    {
        _delay = delay;
        _client = new HttpClient { BaseAddress = new Uri($"http://{registry}") };
        Host = $"127.0.0.1:{RegistryProcess.FreePort()}";
        _listener.Prefixes.Add($"http://{Host}/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Host { get; }

    /// <summary>How many requests came since the longest chain was taken.</summary>
    public int Requests => _spans.Count;

    /// <summary>
    /// The most requests since the last call of which each began only when the one before it had been answered. That is the most intervals
    /// that do not overlap: always take the one that ends first.
    /// </summary>
    public int TakeLongestChain()
    {
        var (count, end) = (0, long.MinValue);
        foreach (var span in _spans.OrderBy(span => span.End))
        {
            if (span.Start >= end)
                (count, end) = (count + 1, span.End);
        }
        _spans.Clear();
        return count;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _listener.Close();
        _client.Dispose();
        return ValueTask.CompletedTask;
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
        var start = Environment.TickCount64;
        await Task.Delay(_delay);
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
        _spans.Enqueue((start, Environment.TickCount64));
        context.Response.Close(body, willBlock: true);
    }
}
