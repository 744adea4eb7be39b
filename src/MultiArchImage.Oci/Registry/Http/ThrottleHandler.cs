namespace MultiArchImage.Oci.Registry.Http;

/// <summary>
/// Lets only so many requests of one client be under way at a time, and so many uploads; bodies of answers do not count. An upload may read its body
/// from a registry by a request of its own, and must not wait for a turn that other uploads hold for the same reason.
/// </summary>
internal sealed class ThrottleHandler(int limit) : DelegatingHandler
{
    private readonly SemaphoreSlim _requests = new(limit);
    private readonly SemaphoreSlim _uploads = new(limit);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var free = request.Content is StreamedContent ? _uploads : _requests;
        await free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            free.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _requests.Dispose();
            _uploads.Dispose();
        }
        base.Dispose(disposing);
    }
}
