using System.Net;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Serving;

/// <summary>The body of a request. A client that sends nothing for too long, or breaks off, ends it with an <see cref="IOException"/>.</summary>
/// <param name="inner">What the listener reads.</param>
/// <param name="limit">How long a client may send nothing.</param>
internal sealed class RequestBody(Stream inner, TimeSpan limit) : ForwardStream
{
    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            // The listener's stream cannot be cancelled; what is left of the read ends with the connection.
            return await inner.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpListenerException or TimeoutException or ObjectDisposedException)
        {
            throw new BrokenRequestException(e);
        }
    }
}

/// <summary>A client that broke off: there is nobody to answer.</summary>
internal sealed class BrokenRequestException(Exception innerException) : IOException("the body of the request broke off", innerException);
