using System.Buffers;
using System.Net;
using System.Net.Http.Headers;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>A body that is opened anew for each try and never held in memory: while some of it is sent, the next of it is read.</summary>
internal sealed class StreamedContent : HttpContent
{
    // As much as a connection has ready when it is busy: each turn costs the same, whatever it brings.
    private const int MaximumBufferSize = 1024 * 1024;

    private readonly Func<CancellationToken, Task<Stream>> _open;
    private readonly long _length;
    private readonly int _bufferSize;

    /// <param name="open">Opens the content; what it has beyond the length is not sent.</param>
    /// <param name="length">How many bytes are sent.</param>
    public StreamedContent(Func<CancellationToken, Task<Stream>> open, long length)
    {
        (_open, _length, _bufferSize) = (open, length, (int)Math.Clamp(length, 1, MaximumBufferSize));
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    /// <summary>Called whenever bytes went out.</summary>
    public Action Progress { private get; set; } = static () => { };

    /// <summary>Why the content could not be read; null where that was not what failed.</summary>
    public Exception? SourceFailure { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var (filled, free) = (ArrayPool<byte>.Shared.Rent(_bufferSize), ArrayPool<byte>.Shared.Rent(_bufferSize));
        var source = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var left = _length;
            var count = await ReadAsync(source, filled, left, cancellationToken).ConfigureAwait(false);
            while (count > 0)
            {
                left -= count;
                var next = ReadAsync(source, free, left, cancellationToken);
                await SendAsync(stream, filled.AsMemory(0, count), next, cancellationToken).ConfigureAwait(false);
                count = await next.ConfigureAwait(false);
                (filled, free) = (free, filled);
            }
        }
        // After a failure they are left to the collector: somebody may still write into them.
        ArrayPool<byte>.Shared.Return(filled);
        ArrayPool<byte>.Shared.Return(free);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    // The source is not closed while it is read.
    private async Task SendAsync(Stream stream, ReadOnlyMemory<byte> bytes, Task reading, CancellationToken cancel)
    {
        try
        {
            await stream.WriteAsync(bytes, cancel).ConfigureAwait(false);
            Progress();
        }
        catch
        {
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task<Stream> OpenAsync(CancellationToken cancel)
    {
        try
        {
            return await _open(cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SourceFailure = e;
            throw;
        }
    }

    // At the end of a source it is read once more, which is where it tells that its content is not what it should be.
    private async Task<int> ReadAsync(Stream source, byte[] buffer, long left, CancellationToken cancel)
    {
        try
        {
            var count = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Clamp(left, 1, _bufferSize)), cancel).ConfigureAwait(false);
            return left == 0 ? 0 : count;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SourceFailure = e;
            throw;
        }
    }
}
