using System.IO.Compression;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Layers;

/// <summary>Unpacks layers by the end of their media type (image-spec: Layer Media Types).</summary>
public static class LayerCompression
{
    private static Func<Stream, Stream>? _zstd;

    /// <summary>Says who unpacks zstd, which .NET does not do itself: that is a package of its own, which no one loads who has no such layer.</summary>
    /// <param name="unpack">Takes the packed bytes, leaves them open, and throws <see cref="InvalidDataException"/> where they are no zstd.</param>
    public static void UseZstd(Func<Stream, Stream> unpack) => _zstd = unpack;

    /// <summary>The bytes of a layer, unpacked; the packed ones stay open.</summary>
    /// <exception cref="InvalidImageException">It is packed in a way that nothing here unpacks.</exception>
    internal static Stream Unpack(Stream blob, Descriptor layer) => layer.MediaType switch
    {
        var type when type.EndsWith("gzip", StringComparison.Ordinal) => new GZipStream(blob, CompressionMode.Decompress, leaveOpen: true),
        var type when type.EndsWith("zstd", StringComparison.Ordinal) && _zstd is { } unpack => unpack(blob),
        var type when type.EndsWith(".tar", StringComparison.Ordinal) => new BufferedStream(blob),
        var type => throw new InvalidImageException($"layer {layer.Digest.Short}", $"is of type '{type}', which cannot be read without an engine"),
    };
}
