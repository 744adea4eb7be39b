using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace MultiArchImage.Oci.Tests.Executables;

/// <summary>A layer, entry by entry, in the order in which its archive has them.</summary>
internal sealed class LayerSketch
{
    private readonly List<PaxTarEntry> _entries = [];

    /// <summary>A layer with one text.</summary>
    public static byte[] Of(string text) => new LayerSketch().File("text", Encoding.UTF8.GetBytes(text), mode: 0x1A4).ToGzip();

    public LayerSketch File(string path, byte[] content, int mode = 0x1ED)
    {
        Add(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content), Mode = (UnixFileMode)mode });
        return this;
    }

    public LayerSketch File(string path, string content) => File(path, Encoding.UTF8.GetBytes(content));

    public LayerSketch Folder(string path)
    {
        Add(new PaxTarEntry(TarEntryType.Directory, $"{path}/"));
        return this;
    }

    public LayerSketch Link(string path, string target)
    {
        Add(new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = target });
        return this;
    }

    public LayerSketch HardLink(string path, string target)
    {
        Add(new PaxTarEntry(TarEntryType.HardLink, path) { LinkName = target });
        return this;
    }

    public LayerSketch Whiteout(string path) => File(path.Insert(path.LastIndexOf('/') + 1, ".wh."), []);

    public LayerSketch Opaque(string folder) => File($"{folder}/.wh..wh..opq".TrimStart('/'), []);

    public byte[] ToTar()
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
            _entries.ForEach(writer.WriteEntry);
        return tar.ToArray();
    }

    public byte[] ToGzip()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(ToTar());
        return packed.ToArray();
    }

    // Always the same bytes: the time is part of them.
    private void Add(PaxTarEntry entry)
    {
        entry.ModificationTime = DateTimeOffset.UnixEpoch;
        _entries.Add(entry);
    }
}
