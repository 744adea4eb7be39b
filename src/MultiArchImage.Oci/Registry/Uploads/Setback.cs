using System.Net;

namespace MultiArchImage.Oci.Registry.Uploads;

/// <summary>What kept bytes from arriving, and may pass.</summary>
/// <param name="Failure">The failure, should it not pass.</param>
/// <param name="Wait">How long the registry wants to be left alone (<c>Retry-After</c>); null where it says nothing.</param>
internal sealed record Setback(ImageException Failure, TimeSpan? Wait = null)
{
    // Who is told to come back later than this is told so now.
    private static readonly TimeSpan MaximumWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private const int MaximumDoublings = 6;

    /// <summary>The setback that an answer states.</summary>
    /// <exception cref="ImageException">It is a refusal, which does not pass.</exception>
    public static async Task<Setback> OfAsync(HttpResponseMessage response, HttpRequestMessage request, CancellationToken cancel)
    {
        var failure = await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        return MayPass(response.StatusCode) && !(wait > MaximumWait) ? new Setback(failure, wait) : throw failure;
    }

    /// <summary>Waits as long as the registry says, else twice as long after each setback that followed the other.</summary>
    /// <param name="setbacks">How many there were before.</param>
    /// <param name="time">The clock that waits.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task WaitAsync(int setbacks, TimeProvider time, CancellationToken cancel)
    {
        var wait = Wait ?? FirstWait * (1 << Math.Min(setbacks, MaximumDoublings));
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancel) : Task.CompletedTask;
    }

    // 404: the session is lost. 413: a proxy takes only so much in one request. 416: the registry is at another byte (distribution-spec: Pushing a
    // blob in chunks).
    private static bool MayPass(HttpStatusCode status) =>
        status is HttpStatusCode.NotFound or HttpStatusCode.RequestTimeout or HttpStatusCode.RequestEntityTooLarge
            or HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
