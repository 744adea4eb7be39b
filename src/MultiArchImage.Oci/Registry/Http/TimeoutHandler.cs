namespace MultiArchImage.Oci.Registry.Http;

/// <summary>
/// Gives each try so long to be answered. A body that is being sent counts from its last bytes: a large upload may take its time, one that
/// stands still may not.
/// </summary>
internal sealed class TimeoutHandler(TimeSpan timeout) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        if (request.Content is StreamedContent content)
            content.Progress = () => limit.CancelAfter(timeout);
        try
        {
            return await base.SendAsync(request, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {timeout}", e);
        }
    }
}
