using System.Net;
using System.Net.Http.Headers;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>A body that is opened anew for each try and never held in memory.</summary>
internal sealed class StreamedContent : HttpContent
{
    private const int BufferSize = 128 * 1024;
    private readonly Func<CancellationToken, Task<Stream>> _open;
    private readonly long _length;

    public StreamedContent(Func<CancellationToken, Task<Stream>> open, long length)
    {
        (_open, _length) = (open, length);
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    /// <summary>Called whenever bytes went out.</summary>
    public Action Progress { private get; set; } = static () => { };

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var source = await _open(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var buffer = new byte[BufferSize];
            for (int count; (count = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0; Progress())
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
