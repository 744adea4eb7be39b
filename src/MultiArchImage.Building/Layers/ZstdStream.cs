using MultiArchImage.Oci.Stores;
using ZstdSharp;

namespace MultiArchImage.Building.Layers;

/// <summary>
/// The bytes that are packed with zstd (RFC 8878): frames after each other, also with such between them as are passed over (zstd:chunked). A frame that
/// wants more than 128 MiB of memory is refused, as by the zstd program.
/// </summary>
/// <param name="packed">The packed bytes; left open.</param>
public sealed class ZstdStream(Stream packed) : ForwardStream
{
    private readonly DecompressionStream _content = new(packed, leaveOpen: true);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The bytes are no zstd.</exception>
    /// <exception cref="EndOfStreamException">They end too early.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (ZstdException e)
        {
            throw new InvalidDataException($"zstd: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _content.Dispose();
        base.Dispose(disposing);
    }
}
