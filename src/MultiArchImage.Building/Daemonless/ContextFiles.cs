using System.Formats.Tar;

namespace MultiArchImage.Building.Daemonless;

/// <summary>Files of this machine as an image would have them: of root, links as links.</summary>
internal static class ContextFiles
{
    /// <summary>What a file, folder or link of the context is in an image. Pipes and sockets cannot be in one; they are as empty files.</summary>
    /// <param name="path">From the root of the context, with <c>/</c> between.</param>
    /// <param name="file">Where it is on this machine.</param>
    public static TreeEntry ToEntry(string path, FileSystemInfo file)
    {
        var entry = new TreeEntry(path, TypeOf(file)) { Mode = ModeOf(file), Modified = file.LastWriteTimeUtc };
        return entry.Type switch
        {
            TarEntryType.SymbolicLink => entry with { LinkTarget = file.LinkTarget!.Replace('\\', '/') },
            TarEntryType.Directory => entry,
            _ => entry with { Content = new DiskContent(file.FullName, ((FileInfo)file).Length) },
        };
    }

    private static TarEntryType TypeOf(FileSystemInfo file) =>
        file.LinkTarget is not null ? TarEntryType.SymbolicLink : file is DirectoryInfo ? TarEntryType.Directory : TarEntryType.RegularFile;

    // Windows knows no modes; as Docker there, everything may be executed.
    private static UnixFileMode ModeOf(FileSystemInfo file) => OperatingSystem.IsWindows() ? TreeEntry.FolderMode : file.UnixFileMode;
}
