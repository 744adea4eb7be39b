using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores;

/// <summary>Where a blob can be had from.</summary>
/// <param name="OpenAsync">Opens its content from the start; called once for each try.</param>
/// <param name="Place">The place that holds it, so that a registry can mount it from there; null where it is in no place yet.</param>
public sealed record BlobSource(Func<CancellationToken, Task<Stream>> OpenAsync, ImageReference? Place = null)
{
    private const int SkipBufferSize = 128 * 1024;

    /// <summary>Opens its content from a byte on, not verified; null where it is only to be had from the start.</summary>
    internal Func<long, CancellationToken, Task<Stream>>? PartAsync { get; init; }

    /// <summary>A blob in memory.</summary>
    public static BlobSource FromBytes(ReadOnlyMemory<byte> bytes) =>
        new(_ => Task.FromResult<Stream>(new MemoryStream(bytes.ToArray(), writable: false)));

    /// <summary>A blob of a place.</summary>
    /// <param name="store">The place.</param>
    /// <param name="blob">The blob.</param>
    public static BlobSource Of(IImageStore store, Descriptor blob) => new(cancel => store.OpenBlobAsync(blob, cancel), store.Place)
    {
        PartAsync = store is IBlobParts parts ? (offset, cancel) => parts.OpenPartAsync(blob, offset, cancel) : null,
    };

    /// <summary>The same that tells how many bytes were read of it.</summary>
    internal BlobSource Metered(Action<long> report)
    {
        return this with
        {
            OpenAsync = async cancel => Meter(await OpenAsync(cancel).ConfigureAwait(false)),
            PartAsync = PartAsync is null ? null : async (offset, cancel) => Meter(await PartAsync(offset, cancel).ConfigureAwait(false)),
        };

        MeteredStream Meter(Stream content) => new(content, report);
    }

    /// <summary>Opens its content from a byte on, for a taker that verifies the whole.</summary>
    internal Task<Stream> OpenPartAsync(long offset, CancellationToken cancel) =>
        PartAsync is null ? SkipAsync(offset, cancel) : PartAsync(offset, cancel);

    private async Task<Stream> SkipAsync(long offset, CancellationToken cancel)
    {
        var content = await OpenAsync(cancel).ConfigureAwait(false);
        try
        {
            var buffer = new byte[(int)Math.Min(offset, SkipBufferSize)];
            for (int count; offset > 0; offset -= count)
            {
                count = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, offset)), cancel).ConfigureAwait(false);
                if (count == 0)
                    break;
            }
            return content;
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
