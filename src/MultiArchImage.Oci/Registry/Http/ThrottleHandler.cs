namespace MultiArchImage.Oci.Registry.Http;

/// <summary>Lets only so many requests of one client be under way at a time; bodies of answers do not count.</summary>
internal sealed class ThrottleHandler(int limit) : DelegatingHandler
{
    private readonly SemaphoreSlim _free = new(limit);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _free.Dispose();
        base.Dispose(disposing);
    }
}
