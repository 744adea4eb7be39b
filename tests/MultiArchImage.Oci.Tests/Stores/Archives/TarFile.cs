using System.Formats.Tar;
using System.Text;

namespace MultiArchImage.Oci.Tests.Stores.Archives;

/// <summary>Tars as others write them: any entries, any names.</summary>
internal static class TarFile
{
    public static TarEntry File(string name, string content) => File(name, Encoding.UTF8.GetBytes(content));

    public static TarEntry File(string name, byte[] content) => new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };

    public static TarEntry Link(TarEntryType type, string name, string target) => new PaxTarEntry(type, name) { LinkName = target };

    public static byte[] Of(params IEnumerable<TarEntry> entries)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            foreach (var entry in entries)
                writer.WriteEntry(entry);
        }
        return tar.ToArray();
    }

    /// <summary>The tar whose first header says another size, in octal, with the right checksum over its block.</summary>
    public static byte[] Claiming(string size, byte[] tar)
    {
        Encoding.ASCII.GetBytes($"{size}\0").CopyTo(tar, 124);
        Array.Fill(tar, (byte)' ', 148, 8);
        Encoding.ASCII.GetBytes(Convert.ToString(tar.Take(512).Sum(value => value), 8).PadLeft(6, '0') + "\0 ").CopyTo(tar, 148);
        return tar;
    }

    /// <summary>Files with their contents, as another tar wrote them.</summary>
    public static IReadOnlyDictionary<string, byte[]> Read(string path)
    {
        using var reader = new TarReader(System.IO.File.OpenRead(path));
        var files = new Dictionary<string, byte[]>();
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            files.Add(entry.Name, content.ToArray());
        }
        return files;
    }
}
