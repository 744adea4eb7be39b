using System.Formats.Tar;
using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Stores.Archives;

namespace MultiArchImage.Oci.Layers;

/// <summary>A layer as the tar archive that it is (image-spec: Image Layer Filesystem Changeset).</summary>
internal static class LayerArchive
{
    /// <summary>What the name of a file begins with that says: the file of the rest of the name is not there any more.</summary>
    public const string WhiteoutPrefix = ".wh.";

    /// <summary>The name of a file that says: nothing of what the layers below have in this folder is there any more.</summary>
    public const string OpaqueWhiteout = ".wh..wh..opq";

    private const int CopyBufferSize = 128 * 1024;

    // Beside names there are extended attributes, each of which Linux lets have 64 KiB.
    private const int LongestHeader = 1024 * 1024;

    /// <summary>The entries in their order. The content of one can be read until the next is asked for.</summary>
    /// <remarks>Whoever reads to the last entry has had the bytes of the digest; whoever stops before cannot know.</remarks>
    /// <exception cref="InvalidImageException">The layer is malformed, or compressed in a way that is not understood.</exception>
    public static async IAsyncEnumerable<TarEntry> ReadAsync(
        Descriptor layer, IImageStore store, [EnumeratorCancellation] CancellationToken cancel)
    {
        var blob = await store.OpenBlobAsync(layer, cancel).ConfigureAwait(false);
        await using var closeBlob = blob.ConfigureAwait(false);
        var content = LayerCompression.Unpack(blob, layer);
        await using var closeContent = content.ConfigureAwait(false);
        var tar = new TarReader(new HeaderStream(content, LongestHeader), leaveOpen: true);
        await using var closeTar = tar.ConfigureAwait(false);
        while (await NextAsync(tar, blob, layer, cancel).ConfigureAwait(false) is { } entry)
        {
            if (entry.EntryType != TarEntryType.GlobalExtendedAttributes)
                yield return Checked(entry, layer);
        }
        // Behind the end of the archive only the packed bytes count: unpacked, they may have no end.
        await blob.CopyToAsync(Stream.Null, CopyBufferSize, cancel).ConfigureAwait(false);
    }

    /// <summary>Whether an entry is a file with bytes of its own.</summary>
    public static bool IsRegular(TarEntry entry) =>
        entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile;

    /// <summary>The path of an entry from the root, with <c>/</c> between and none at the ends.</summary>
    /// <exception cref="InvalidImageException">It leads out of the image.</exception>
    public static string CleanPath(string name, Descriptor layer)
    {
        var parts = name.Split('/').Where(part => part is not ("" or ".")).ToList();
        return parts.Contains("..") ? throw new InvalidImageException($"layer {layer.Digest.Short}", $"has the path '{name}', which leads out of the image")
            : parts.Count > OciLimits.LayerPathDepth
                ? throw new InvalidImageException($"layer {layer.Digest.Short}", $"has a path of {parts.Count} folders; more than {OciLimits.LayerPathDepth} are refused")
            : string.Join('/', parts);
    }

    private static TarEntry Checked(TarEntry entry, Descriptor layer) => Math.Max(entry.Name.Length, entry.LinkName.Length) is var length and > OciLimits.LayerPathLength
        ? throw new InvalidImageException($"layer {layer.Digest.Short}", $"has a path of {length} characters; more than {OciLimits.LayerPathLength} are refused")
        : entry;

    private static async Task<TarEntry?> NextAsync(TarReader tar, Stream blob, Descriptor layer, CancellationToken cancel)
    {
        try
        {
            return await tar.GetNextEntryAsync(copyData: false, cancel).ConfigureAwait(false);
        }
        // What the reader of the base library throws for headers that are none.
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException or InvalidOperationException
            or NotSupportedException or OverflowException or ArgumentException)
        {
            // Where the bytes are not those of the digest, that is the reason, and reading on tells it.
            await blob.CopyToAsync(Stream.Null, CopyBufferSize, cancel).ConfigureAwait(false);
            throw new InvalidImageException($"layer {layer.Digest.Short}", $"is no tar archive: {e.Message}", e);
        }
    }
}
