using System.Formats.Tar;

namespace MultiArchImage.Building.Context;

/// <summary>Writes files as a tar archive of root's, links as links, in GNU's format: names of any length.</summary>
/// <remarks>
/// BuildKit looks at the first 1024 bytes of what it gets for the header of an entry, and takes the whole for a Dockerfile where there is none
/// (its dockerfile frontend's <c>isArchive</c>). In pax format the first entry's header comes later; so also in GNU's where its name is long.
/// </remarks>
internal sealed class ContextArchive(Stream output) : IAsyncDisposable
{
    private const UnixFileMode UsualMode = (UnixFileMode)0b111_101_101;

    private readonly TarWriter _writer = new(output, TarEntryFormat.Gnu, leaveOpen: true);

    public async Task WriteAsync(string path, FileSystemInfo file, CancellationToken cancel)
    {
        var entry = new GnuTarEntry(TypeOf(file), path)
        {
            // Windows knows no modes; as Docker there, everything may be executed.
            Mode = OperatingSystem.IsWindows() ? UsualMode : file.UnixFileMode,
            ModificationTime = file.LastWriteTimeUtc,
        };
        if (entry.EntryType == TarEntryType.SymbolicLink)
            entry.LinkName = OperatingSystem.IsWindows() ? file.LinkTarget!.Replace('\\', '/') : file.LinkTarget!;
        // An empty file may be a pipe, which would never open; as an empty file it does no harm.
        if (entry.EntryType == TarEntryType.RegularFile && ((FileInfo)file).Length > 0)
            entry.DataStream = Open(file.FullName);
        await using ((entry.DataStream ?? Stream.Null).ConfigureAwait(false))
            await _writer.WriteEntryAsync(entry, cancel).ConfigureAwait(false);
    }

    /// <summary>Writes the folder of the context itself: first, for its short name.</summary>
    public Task WriteRootAsync(CancellationToken cancel) =>
        _writer.WriteEntryAsync(new GnuTarEntry(TarEntryType.Directory, "./") { Mode = UsualMode, ModificationTime = DateTimeOffset.UnixEpoch }, cancel);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);

    private static TarEntryType TypeOf(FileSystemInfo file) =>
        file.LinkTarget is not null ? TarEntryType.SymbolicLink : file is DirectoryInfo ? TarEntryType.Directory : TarEntryType.RegularFile;
}
