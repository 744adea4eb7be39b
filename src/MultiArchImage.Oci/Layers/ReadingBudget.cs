using System.Formats.Tar;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Layers;

/// <summary>How much of an image's layers is read: a few kilobytes may unpack to any number of files, names and bytes.</summary>
/// <param name="files">Files, folders and links; a whole distribution has some hundred thousand.</param>
/// <param name="bytes">Bytes after decompression.</param>
/// <param name="characters">Characters of their names, and of what links point to.</param>
internal sealed class ReadingBudget(int files = 1_000_000, long bytes = 16L * 1024 * 1024 * 1024, long characters = 128L * 1024 * 1024)
{
    /// <summary>Counts an entry.</summary>
    /// <exception cref="InvalidImageException">It is one too many.</exception>
    public void Spend(TarEntry entry, Descriptor layer)
    {
        bytes -= entry.Length;
        characters -= entry.Name.Length + entry.LinkName.Length;
        if (--files < 0 || bytes < 0 || characters < 0)
            throw new InvalidImageException($"layer {layer.Digest.Short}", "has more files, or larger ones, than are read of an image");
    }
}
