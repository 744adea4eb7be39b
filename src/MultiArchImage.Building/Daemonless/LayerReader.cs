using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Building.Daemonless;

/// <summary>Reads layers of a base image: which files there are, and the bytes of some (image-spec: Layer Filesystem Changeset).</summary>
internal static class LayerReader
{
    private const string WhiteoutPrefix = ".wh.";
    private const string OpaqueWhiteout = ".wh..wh..opq";

    // A whole distribution has some hundred thousand files; a layer past this is there to fill the memory.
    private const int MaximumEntries = 5_000_000;
    private const int CopyBufferSize = 128 * 1024;

    /// <summary>Lays a layer over a tree.</summary>
    /// <exception cref="InvalidImageException">The layer is malformed, or compressed in a way that is not understood.</exception>
    public static async Task ApplyAsync(FileTree tree, Descriptor layer, IImageStore store, CancellationToken cancel)
    {
        // Whiteouts are about the layers below only, wherever they stand (image-spec: Whiteouts).
        var entries = new List<TreeEntry>();
        await foreach (var entry in ReadAsync(layer, store, cancel).ConfigureAwait(false))
        {
            if (entries.Count == MaximumEntries)
                throw new InvalidImageException($"layer {layer.Digest.Short}", $"has more than {MaximumEntries} files");
            entries.Add(ToEntry(entry, layer, store));
        }
        foreach (var whiteout in entries.Where(IsWhiteout))
            RemoveBelow(tree, whiteout);
        tree.AddAll(entries.Where(entry => !IsWhiteout(entry)));
    }

    /// <summary>Writes files of one layer into a folder, in one pass over the layer; returns where each is.</summary>
    public static async Task<IReadOnlyDictionary<string, DiskContent>> ExtractAsync(
        Descriptor layer, IReadOnlySet<string> names, IImageStore store, string folder, CancellationToken cancel)
    {
        var extracted = new Dictionary<string, DiskContent>(StringComparer.Ordinal);
        await foreach (var entry in ReadAsync(layer, store, cancel).ConfigureAwait(false))
        {
            if (!IsRegular(entry) || !names.Contains(CleanPath(entry.Name, layer)))
                continue;
            var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
            var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await using (file.ConfigureAwait(false))
            {
                if (entry.DataStream is { } data)
                    await data.CopyToAsync(file, CopyBufferSize, cancel).ConfigureAwait(false);
                extracted[CleanPath(entry.Name, layer)] = new DiskContent(path, file.Length);
            }
        }
        return extracted;
    }

    // Always to the end: only there the bytes are known to be those of the digest.
    private static async IAsyncEnumerable<TarEntry> ReadAsync(
        Descriptor layer, IImageStore store, [EnumeratorCancellation] CancellationToken cancel)
    {
        var blob = await store.OpenBlobAsync(layer, cancel).ConfigureAwait(false);
        await using var closeBlob = blob.ConfigureAwait(false);
        var content = Decompress(blob, layer);
        await using var closeContent = content.ConfigureAwait(false);
        var tar = new TarReader(content, leaveOpen: true);
        await using var closeTar = tar.ConfigureAwait(false);
        while (await NextAsync(tar, blob, layer, cancel).ConfigureAwait(false) is { } entry)
        {
            if (entry.EntryType != TarEntryType.GlobalExtendedAttributes)
                yield return entry;
        }
        await content.CopyToAsync(Stream.Null, CopyBufferSize, cancel).ConfigureAwait(false);
        await blob.CopyToAsync(Stream.Null, CopyBufferSize, cancel).ConfigureAwait(false);
    }

    private static async Task<TarEntry?> NextAsync(TarReader tar, Stream blob, Descriptor layer, CancellationToken cancel)
    {
        try
        {
            return await tar.GetNextEntryAsync(copyData: false, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            // Where the bytes are not those of the digest, that is the reason, and reading on tells it.
            await blob.CopyToAsync(Stream.Null, CopyBufferSize, cancel).ConfigureAwait(false);
            throw new InvalidImageException($"layer {layer.Digest.Short}", $"is no tar archive: {e.Message}", e);
        }
    }

    private static Stream Decompress(Stream blob, Descriptor layer) => layer.MediaType switch
    {
        var type when type.EndsWith("gzip", StringComparison.Ordinal) => new GZipStream(blob, CompressionMode.Decompress, leaveOpen: true),
        var type when type.EndsWith(".tar", StringComparison.Ordinal) => new BufferedStream(blob),
        var type => throw new InvalidImageException($"layer {layer.Digest.Short}", $"is of type '{type}', which cannot be read without an engine"),
    };

    private static TreeEntry ToEntry(TarEntry entry, Descriptor layer, IImageStore store)
    {
        var path = CleanPath(entry.Name, layer);
        return new TreeEntry(path, IsRegular(entry) ? TarEntryType.RegularFile : entry.EntryType)
        {
            Mode = entry.Mode,
            Owner = new Owner(entry.Uid, entry.Gid),
            Modified = entry.ModificationTime,
            LinkTarget = entry.EntryType == TarEntryType.HardLink ? CleanPath(entry.LinkName, layer) : entry.LinkName,
            Content = IsRegular(entry) ? new LayerContent(store, layer, path, entry.Length) : null,
            HasExtendedAttributes = entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(key => key.StartsWith("SCHILY.xattr.", StringComparison.Ordinal)),
        };
    }

    private static bool IsRegular(TarEntry entry) =>
        entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile;

    private static string CleanPath(string name, Descriptor layer)
    {
        var parts = FileTree.Parts(name).ToList();
        return parts.Contains("..")
            ? throw new InvalidImageException($"layer {layer.Digest.Short}", $"has the path '{name}', which leads out of the image")
            : string.Join('/', parts);
    }

    private static bool IsWhiteout(TreeEntry entry) => entry.Name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal);

    private static void RemoveBelow(FileTree tree, TreeEntry whiteout)
    {
        var (folder, name) = FileTree.Split(whiteout.Path);
        if (name == OpaqueWhiteout)
            tree.Clear(folder);
        else
            tree.Remove(FileTree.Join(folder, name[WhiteoutPrefix.Length..]));
    }
}
