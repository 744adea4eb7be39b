namespace MultiArchImage.Building;

/// <summary>A folder that COPY sees.</summary>
/// <param name="folder">Its absolute path.</param>
public sealed class BuildContext(string folder)
{
    /// <summary>The folder, absolute.</summary>
    public string Folder => folder;

    /// <summary>All that is in it, each folder before what is in it.</summary>
    /// <param name="dockerfile">The Dockerfile whose rules count.</param>
    public IReadOnlyList<ContextEntry> Entries(string dockerfile) =>
        [.. Below(new DirectoryInfo(folder)).Select(file => new ContextEntry(Path.GetRelativePath(folder, file.FullName).Replace('\\', '/'), file))];

    // Links to folders are links, not folders.
    private static IEnumerable<FileSystemInfo> Below(DirectoryInfo folder) => folder.EnumerateFileSystemInfos()
        .SelectMany(file => file is DirectoryInfo { LinkTarget: null } below ? Below(below).Prepend(file) : [file]);
}

/// <summary>A file, folder or link of a context.</summary>
/// <param name="Path">From the folder of the context, with <c>/</c> between.</param>
/// <param name="File">Where it is.</param>
public sealed record ContextEntry(string Path, FileSystemInfo File);
