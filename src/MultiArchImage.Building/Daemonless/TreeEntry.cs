using System.Formats.Tar;

namespace MultiArchImage.Building.Daemonless;

/// <summary>A file, folder or link, with what a layer says of it (image-spec: Layer Filesystem Changeset, File Attributes).</summary>
/// <param name="Path">From the root, with <c>/</c> between and none at the ends.</param>
/// <param name="Type">What it is.</param>
internal sealed record TreeEntry(string Path, TarEntryType Type)
{
    /// <summary>The mode of a folder that an instruction makes: 0755.</summary>
    public const UnixFileMode FolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The permissions.</summary>
    public UnixFileMode Mode { get; init; } = FolderMode;

    /// <summary>Who owns it.</summary>
    public Owner Owner { get; init; }

    /// <summary>When it was changed; null for what the build itself made, which gets the time of the image.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Where a symbolic link points to, as it says; the path in the layer that a hard link is another name of.</summary>
    public string LinkTarget { get; init; } = "";

    /// <summary>The bytes of a regular file.</summary>
    public FileContent? Content { get; init; }

    /// <summary>Whether it has attributes that are not carried on, such as capabilities.</summary>
    public bool HasExtendedAttributes { get; init; }

    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => Type == TarEntryType.Directory;

    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>Who owns a file, in numbers. The default is root.</summary>
internal readonly record struct Owner(int User, int Group);
