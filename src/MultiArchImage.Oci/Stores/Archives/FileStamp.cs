namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>What tells one version of a file from the next, as for <c>make</c>.</summary>
internal sealed record FileStamp(long Length, DateTime Written)
{
    /// <summary>The stamp of a file; null where there is none.</summary>
    public static FileStamp? Of(string path) => new FileInfo(path) is { Exists: true } file ? new(file.Length, file.LastWriteTimeUtc) : null;
}
