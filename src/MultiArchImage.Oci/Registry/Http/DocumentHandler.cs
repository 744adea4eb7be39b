using System.Net;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>
/// Reads a document that was asked for whole before the answer counts as one: a body that breaks or stands still is a failure that the next link tries
/// again, as it does where no answer comes.
/// </summary>
internal sealed class DocumentHandler(TimeSpan timeout) : DelegatingHandler
{
    /// <exception cref="InvalidImageException">The document is longer than it may be.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (RegistryRequest.Of(request).Document is not { } document || response.StatusCode != HttpStatusCode.OK)
            return response;
        try
        {
            var bytes = await BoundedContent.ReadAsync(response.Content, document.MaximumSize, document.Name, cancellationToken)
                .WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
            response.Content = WithHeaders(new ByteArrayContent(bytes), response.Content);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static ByteArrayContent WithHeaders(ByteArrayContent content, HttpContent read)
    {
        content.Headers.ContentType = read.Headers.ContentType;
        return content;
    }
}

/// <summary>A body that is held whole.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="MaximumSize">How many bytes it may have.</param>
internal sealed record ExpectedDocument(string Name, int MaximumSize);
