using System.Formats.Tar;
using MultiArchImage.Oci.Layers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Building.Daemonless;

/// <summary>Reads layers of a base image: which files there are, and the bytes of some (image-spec: Layer Filesystem Changeset).</summary>
internal static class LayerReader
{
    private const int CopyBufferSize = 128 * 1024;

    // Folders that no entry names are made for what lies in them, with their whole paths: more of these than any distribution has.
    private const long MaximumCharacters = 256L * 1024 * 1024;

    /// <summary>Lays a layer over a tree.</summary>
    /// <exception cref="InvalidImageException">The layer is malformed, past a bound, or compressed in a way that is not understood.</exception>
    public static async Task ApplyAsync(FileTree tree, Descriptor layer, IImageStore store, ReadingBudget budget, CancellationToken cancel)
    {
        // Whiteouts are about the layers below only, wherever they stand (image-spec: Whiteouts).
        var entries = new List<TreeEntry>();
        await foreach (var entry in LayerArchive.ReadAsync(layer, store, cancel).ConfigureAwait(false))
        {
            budget.Spend(entry, layer);
            entries.Add(ToEntry(entry, layer, store));
        }
        foreach (var whiteout in entries.Where(IsWhiteout))
            RemoveBelow(tree, whiteout);
        foreach (var entry in entries.Where(entry => !IsWhiteout(entry)))
        {
            tree.Add(entry);
            if (tree.Characters > MaximumCharacters)
                throw new InvalidImageException($"layer {layer.Digest.Short}", $"has paths of more than {MaximumCharacters} characters");
        }
    }

    /// <summary>Writes files of one layer into a folder, in one pass over the layer; returns where each is.</summary>
    public static async Task<IReadOnlyDictionary<string, DiskContent>> ExtractAsync(
        Descriptor layer, IReadOnlySet<string> names, IImageStore store, string folder, CancellationToken cancel)
    {
        var extracted = new Dictionary<string, DiskContent>(StringComparer.Ordinal);
        await foreach (var entry in LayerArchive.ReadAsync(layer, store, cancel).ConfigureAwait(false))
        {
            if (!LayerArchive.IsRegular(entry) || !names.Contains(LayerArchive.CleanPath(entry.Name, layer)))
                continue;
            var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
            var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await using (file.ConfigureAwait(false))
            {
                if (entry.DataStream is { } data)
                    await data.CopyToAsync(file, CopyBufferSize, cancel).ConfigureAwait(false);
                extracted[LayerArchive.CleanPath(entry.Name, layer)] = new DiskContent(path, file.Length);
            }
        }
        return extracted;
    }

    private static TreeEntry ToEntry(TarEntry entry, Descriptor layer, IImageStore store)
    {
        var path = LayerArchive.CleanPath(entry.Name, layer);
        return new TreeEntry(path, LayerArchive.IsRegular(entry) ? TarEntryType.RegularFile : entry.EntryType)
        {
            Mode = entry.Mode,
            Owner = new Owner(entry.Uid, entry.Gid),
            Modified = entry.ModificationTime,
            LinkTarget = entry.EntryType == TarEntryType.HardLink ? LayerArchive.CleanPath(entry.LinkName, layer) : entry.LinkName,
            Content = LayerArchive.IsRegular(entry) ? new LayerContent(store, layer, path, entry.Length) : null,
            HasExtendedAttributes = entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(key => key.StartsWith("SCHILY.xattr.", StringComparison.Ordinal)),
        };
    }

    private static bool IsWhiteout(TreeEntry entry) => entry.Name.StartsWith(LayerArchive.WhiteoutPrefix, StringComparison.Ordinal);

    private static void RemoveBelow(FileTree tree, TreeEntry whiteout)
    {
        var (folder, name) = FileTree.Split(whiteout.Path);
        if (name == LayerArchive.OpaqueWhiteout)
            tree.Clear(folder);
        else
            tree.Remove(FileTree.Join(folder, name[LayerArchive.WhiteoutPrefix.Length..]));
    }
}
