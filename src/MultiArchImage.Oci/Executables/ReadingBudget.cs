using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Executables;

/// <summary>How much of an image is read for its first program: a few kilobytes of a layer may unpack to any number of files and bytes.</summary>
/// <param name="files">Files, folders and links; a whole distribution has some hundred thousand.</param>
/// <param name="bytes">Bytes after decompression.</param>
internal sealed class ReadingBudget(int files = 1_000_000, long bytes = 16L * 1024 * 1024 * 1024)
{
    /// <summary>Counts a file.</summary>
    /// <exception cref="InvalidImageException">It is one too many.</exception>
    public void Spend(long size, Descriptor layer)
    {
        bytes -= size;
        if (--files < 0 || bytes < 0)
            throw new InvalidImageException($"layer {layer.Digest.Short}", "has more files, or larger ones, than are read for a look at a program");
    }
}
