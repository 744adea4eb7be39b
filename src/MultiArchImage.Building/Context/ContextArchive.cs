using System.Formats.Tar;

namespace MultiArchImage.Building.Context;

/// <summary>Writes files as a tar archive of root's, links as links (pax format: names of any length).</summary>
internal sealed class ContextArchive(Stream output) : IAsyncDisposable
{
    // Windows knows no modes; as Docker there, everything may be executed.
    private const UnixFileMode WindowsMode = (UnixFileMode)0b111_101_101;

    private readonly TarWriter _writer = new(output, TarEntryFormat.Pax, leaveOpen: true);

    public async Task WriteAsync(string path, FileSystemInfo file, CancellationToken cancel)
    {
        var entry = new PaxTarEntry(TypeOf(file), path)
        {
            Mode = OperatingSystem.IsWindows() ? WindowsMode : file.UnixFileMode,
            ModificationTime = file.LastWriteTimeUtc,
        };
        if (entry.EntryType == TarEntryType.SymbolicLink)
            entry.LinkName = OperatingSystem.IsWindows() ? file.LinkTarget!.Replace('\\', '/') : file.LinkTarget!;
        // An empty file may be a pipe, which would never open; as an empty file it does no harm.
        entry.DataStream = entry.EntryType == TarEntryType.RegularFile && ((FileInfo)file).Length > 0 ? Open(file.FullName) : null;
        await using (entry.DataStream?.ConfigureAwait(false) ?? Stream.Null.ConfigureAwait(false))
            await _writer.WriteEntryAsync(entry, cancel).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);

    private static TarEntryType TypeOf(FileSystemInfo file) =>
        file.LinkTarget is not null ? TarEntryType.SymbolicLink : file is DirectoryInfo ? TarEntryType.Directory : TarEntryType.RegularFile;
}
