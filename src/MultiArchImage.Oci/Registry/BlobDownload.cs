using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry.Http;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry;

/// <summary>
/// The content of a blob, taken up again where the connection broke (distribution-spec: Pulling blobs; RFC 9110, 14: Range requests). Not
/// verified: that is the caller's.
/// </summary>
/// <param name="client">Speaks to the registry.</param>
/// <param name="request">Asks for the blob from a byte on.</param>
/// <param name="blob">The blob.</param>
/// <param name="offset">The first byte that is wanted.</param>
internal sealed class BlobDownload(RegistryClient client, Func<long, HttpRequestMessage> request, Descriptor blob, long offset = 0) : ForwardStream
{
    private HttpResponseMessage? _response;
    private Stream _body = Null;
    private long _position = offset;
    private int _resumptions;

    public override long Length => blob.Size;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Asks for the content from where this stands.</summary>
    /// <exception cref="BlobNotFoundException">The registry does not have it.</exception>
    public async Task<Stream> OpenAsync(CancellationToken cancel)
    {
        var message = request(_position);
        var response = await client.SendAsync(message, cancel).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var failure = await FailureAsync(response, message, cancel).ConfigureAwait(false);
            response.Dispose();
            throw failure;
        }
        _response?.Dispose();
        _response = response;
        _body = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        if (_position > 0 && response.StatusCode != HttpStatusCode.PartialContent)
            await SkipAsync(_position, cancel).ConfigureAwait(false);
        return this;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var count = await client.WithinAsync(_body.ReadAsync(buffer, cancellationToken), cancellationToken).ConfigureAwait(false);
                // An early end of a body without length is a broken connection that HTTP cannot tell from the end.
                if (count > 0 || _position >= blob.Size || buffer.Length == 0 || !await ResumeAsync(null, cancellationToken).ConfigureAwait(false))
                {
                    _position += count;
                    return count;
                }
            }
            catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException)
            {
                if (!await ResumeAsync(e, cancellationToken).ConfigureAwait(false))
                    throw RegistryFailure.Of(e, request(_position), client.Timeout);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _response?.Dispose();
        base.Dispose(disposing);
    }

    // Opening is itself tried several times by the chain; this bounds how often a body may break.
    private async Task<bool> ResumeAsync(Exception? reason, CancellationToken cancel)
    {
        if (_resumptions++ >= client.MaximumRetryCount)
            return false;
        client.Tell($"{RegistryFailure.Describe(request(0))}: {reason?.Message ?? "the body ended early"}; taking it up at byte {_position}");
        await OpenAsync(cancel).ConfigureAwait(false);
        return true;
    }

    private async Task SkipAsync(long count, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        while (count > 0)
        {
            var read = await _body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancel).ConfigureAwait(false);
            if (read == 0)
                return;
            count -= read;
        }
    }

    private async Task<ImageException> FailureAsync(HttpResponseMessage response, HttpRequestMessage message, CancellationToken cancel) =>
        response.StatusCode == HttpStatusCode.NotFound
            ? new BlobNotFoundException($"{RegistryRequest.Of(message).Registry}/{RegistryRequest.Of(message).Repository}", blob.Digest)
            : await RegistryFailure.OfAsync(response, message, cancel).ConfigureAwait(false);
}
