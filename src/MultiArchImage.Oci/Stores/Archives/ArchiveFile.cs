using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// The bytes of an archive, as tar: of the file itself, or of a temporary file that a compressed one was unpacked to, which nobody else sees and
/// which is gone with the process, however that ends. The file itself is open only while it is read, for Windows replaces no file that is.
/// </summary>
internal sealed class ArchiveFile : IDisposable
{
    private const string Unpack = "unpack it to a plain tar first";
    private const int CopyBufferSize = 128 * 1024;

    private readonly string _path;
    private readonly FileStamp _stamp;
    private readonly bool _mayHaveChanged;
    private readonly bool _isUnpacked;
    private FileStream? _open;

    private ArchiveFile(string path, FileStamp stamp, bool mayHaveChanged, FileStream open, bool isUnpacked) =>
        (_path, _stamp, _mayHaveChanged, _open, _isUnpacked) = (path, stamp, mayHaveChanged, open, isUnpacked);

    /// <summary>Whether the file is certainly still the one that was opened.</summary>
    public bool IsCurrent => !_mayHaveChanged && FileStamp.Of(_path) == _stamp;

    /// <summary>Opens an archive; null where there is no such file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="unpackedLimit">Bytes that a compressed archive may unpack to.</param>
    /// <param name="cancel">Ends the unpacking.</param>
    /// <exception cref="InvalidArchiveException">It is compressed by something else than gzip, or unpacks to too much.</exception>
    public static async Task<ArchiveFile?> OpenAsync(string path, long unpackedLimit, CancellationToken cancel)
    {
        if (FileStamp.Of(path) is not { } stamp)
            return Directory.Exists(path)
                ? throw new InvalidArchiveException(path, "it is a folder, not a file", "give the file of an archive; the folder of a layout is oci:PATH")
                : null;
        var mayHaveChanged = stamp.IsFreshAt(DateTime.UtcNow);
        var file = LayoutFolder.OpenRead(path);
        try
        {
            var open = await OpenTarAsync(file, unpackedLimit, cancel).ConfigureAwait(false);
            if (open != file)
                await file.DisposeAsync().ConfigureAwait(false);
            return new ArchiveFile(path, stamp, mayHaveChanged, open, open != file);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The names of the archive.</summary>
    /// <exception cref="InvalidArchiveException">It is no tar, cut off, or has entries that an archive of images cannot have.</exception>
    public Task<TarIndex> ReadIndexAsync(CancellationToken cancel) => TarIndex.ReadAsync(_open!, _path, cancel);

    /// <summary>Lets go of the file; what is opened from now on opens it again.</summary>
    public void EndReading()
    {
        if (_isUnpacked)
            return;
        _open?.Dispose();
        _open = null;
    }

    /// <summary>Opens the content of an entry.</summary>
    /// <exception cref="InvalidArchiveException">The file was changed since it was opened.</exception>
    public Stream Open(ArchiveEntry entry)
    {
        if (_open is not null)
            return new SectionStream(_open.SafeFileHandle, entry, ownsFile: false);
        var file = OpenHandle();
        // Another file of that name has other content at that offset.
        if (FileStamp.Of(_path) == _stamp)
            return new SectionStream(file, entry, ownsFile: true);
        file.Dispose();
        throw new InvalidArchiveException(_path, "it was replaced while it was read", "try again when its writer is done");
    }

    /// <summary>The bytes of an entry that must be small.</summary>
    /// <exception cref="InvalidArchiveException">It is larger than <paramref name="limit"/>.</exception>
    public async Task<byte[]> ReadWholeAsync(ArchiveEntry entry, string name, int limit, CancellationToken cancel)
    {
        if (entry.Length > limit)
            throw new InvalidArchiveException(_path, $"its {name} has {entry.Length} bytes; more than {limit} are refused", TarIndex.Remedy);
        var bytes = new byte[entry.Length];
        var content = Open(entry);
        await using (content.ConfigureAwait(false))
            await content.ReadExactlyAsync(bytes, cancel).ConfigureAwait(false);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => _open?.Dispose();

    private static async Task<FileStream> OpenTarAsync(FileStream file, long unpackedLimit, CancellationToken cancel)
    {
        var magic = new byte[4];
        await file.ReadAtLeastAsync(magic, magic.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        file.Position = 0;
        return magic switch
        {
            [0x1f, 0x8b, ..] => await UnpackAsync(file, unpackedLimit, cancel).ConfigureAwait(false),
            [0x28, 0xb5, 0x2f, 0xfd] => throw new InvalidArchiveException(file.Name, "it is compressed with zstd", Unpack),
            [0xfd, (byte)'7', (byte)'z', (byte)'X'] => throw new InvalidArchiveException(file.Name, "it is compressed with xz", Unpack),
            [(byte)'B', (byte)'Z', (byte)'h', _] => throw new InvalidArchiveException(file.Name, "it is compressed with bzip2", Unpack),
            _ => file,
        };
    }

    private static async Task<FileStream> UnpackAsync(FileStream packed, long limit, CancellationToken cancel)
    {
        var unpacked = TemporaryFile.Create();
        try
        {
            var content = new GZipStream(packed, CompressionMode.Decompress);
            await using (content.ConfigureAwait(false))
                await CopyAsync(content, unpacked, limit, packed.Name, cancel).ConfigureAwait(false);
            unpacked.Position = 0;
            return unpacked;
        }
        catch (InvalidDataException e)
        {
            await unpacked.DisposeAsync().ConfigureAwait(false);
            throw new InvalidArchiveException(packed.Name, $"its compressed content is damaged: {e.Message}", TarIndex.Remedy, e);
        }
        catch
        {
            await unpacked.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task CopyAsync(Stream content, Stream target, long limit, string path, CancellationToken cancel)
    {
        var buffer = new byte[CopyBufferSize];
        long total = 0;
        int count;
        while ((count = await content.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0)
        {
            if ((total += count) > limit)
                throw new InvalidArchiveException(path, $"it unpacks to more than {ByteSize.Format(limit)}", "unpack it to a plain tar, if you trust it");
            await target.WriteAsync(buffer.AsMemory(0, count), cancel).ConfigureAwait(false);
        }
    }

    private SafeFileHandle OpenHandle() =>
        File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
}
