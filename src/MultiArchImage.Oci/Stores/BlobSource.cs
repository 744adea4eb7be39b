using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores;

/// <summary>Where a blob can be had from.</summary>
/// <param name="OpenAsync">Opens its content from the start; called once for each try.</param>
/// <param name="Place">The place that holds it, so that a registry can mount it from there; null where it is in no place yet.</param>
public sealed record BlobSource(Func<CancellationToken, Task<Stream>> OpenAsync, ImageReference? Place = null)
{
    /// <summary>A blob in memory.</summary>
    public static BlobSource FromBytes(ReadOnlyMemory<byte> bytes) =>
        new(_ => Task.FromResult<Stream>(new MemoryStream(bytes.ToArray(), writable: false)));
}
