using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>
/// Tries again what may pass: a lost connection, no answer in time, 408, 429 and the 5xx of an overloaded or restarting registry. It waits as
/// long as <c>Retry-After</c> says (RFC 9110, 10.2.3: seconds or a date), else twice as long each time with jitter.
/// </summary>
internal sealed class RetryHandler(int maximumRetries, TimeProvider time, Random random, IActivitySink sink) : DelegatingHandler
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaximumDelay = TimeSpan.FromSeconds(60);

    // Who waits longer than this for a prompt wants to know what for.
    private static readonly TimeSpan LongDelay = TimeSpan.FromSeconds(5);

    // Hosts that answered this process before: one that refuses a connection now is restarting; one that never answered is a typing error.
    private static readonly ConcurrentDictionary<string, bool> Reached = new(StringComparer.OrdinalIgnoreCase);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var maximum = RegistryRequest.Of(request).IsOnce ? 0 : maximumRetries;
        var waited = TimeSpan.Zero;
        for (var tries = 0; ; tries++)
        {
            string reason;
            TimeSpan? advised = null;
            try
            {
                var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                Reached[request.RequestUri!.Authority] = true;
                advised = RetryAfter(response);
                // Who is told to come back in an hour is told so now.
                if (tries >= maximum || !MayPass(response.StatusCode) || advised > MaximumDelay)
                    return response;
                reason = $"{(int)response.StatusCode}";
                response.Dispose();
            }
            catch (Exception e) when (tries < maximum && MayPass(e, request))
            {
                reason = e.Message;
            }
            var delay = advised ?? Backoff(tries);
            waited += delay;
            Tell(request, reason, delay, waited, $"{tries + 1} of {maximum}");
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            new Persistence(tries + 2, waited).Note(request);
        }
    }

    private void Tell(HttpRequestMessage request, string reason, TimeSpan delay, TimeSpan waited, string which)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{RegistryRequest.Of(request).Registry}: {RegistryFailure.Describe(request)}: {reason}; again in {delay.TotalSeconds:0.0} s ({which}, {waited.TotalSeconds:0.0} s in all)");
        if (delay < LongDelay)
            sink.Verbose(line);
        else
            sink.Warning(line);
    }

    private static bool MayPass(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
            or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static bool MayPass(Exception failure, HttpRequestMessage request) => failure switch
    {
        TimeoutException => true,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } => false,
        HttpRequestException e when IsNobodyThere(e) => Reached.ContainsKey(request.RequestUri!.Authority),
        HttpRequestException e => e.InnerException is null or IOException or SocketException or HttpIOException,
        IOException => true,
        _ => false,
    };

    private static bool IsNobodyThere(HttpRequestException failure) =>
        failure.HttpRequestError == HttpRequestError.NameResolutionError
        || failure.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionRefused };

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    // Half of it is chance, so that many clients that failed together do not come back together.
    private TimeSpan Backoff(int tries)
    {
        var whole = TimeSpan.FromTicks(Math.Min(MaximumDelay.Ticks, FirstDelay.Ticks << tries));
        return whole / 2 + (whole / 2 * random.NextDouble());
    }
}
