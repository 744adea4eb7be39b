namespace MultiArchImage.Oci.Executables;

/// <summary>What one layer says of a path.</summary>
internal abstract record LayerEntry;

/// <summary>A folder; what is in it may be there and in the layers below.</summary>
internal sealed record FolderEntry : LayerEntry
{
    public static FolderEntry Instance { get; } = new();
}

/// <summary>Another path is meant: a link, symbolic or hard, at the path or above it.</summary>
/// <param name="Target">That path.</param>
internal sealed record LinkEntry(string Target) : LayerEntry;

/// <summary>A file.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Head">What its first bytes say; null where it is no program.</param>
/// <param name="IsExecutable">Whether anybody may run it.</param>
internal sealed record FileEntry(string Path, ProgramHead? Head, bool IsExecutable) : LayerEntry;

/// <summary>Nothing is there, whatever the layers below have.</summary>
internal sealed record NothingEntry : LayerEntry
{
    public static NothingEntry Instance { get; } = new();
}
