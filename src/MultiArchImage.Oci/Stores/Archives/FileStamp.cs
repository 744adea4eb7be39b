namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>What tells one version of a file from the next, as for <c>make</c> and <c>git</c>.</summary>
internal sealed record FileStamp(long Length, DateTime Written)
{
    // What a file system may have for the same moment.
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(1);

    /// <summary>The stamp of a file; null where there is none.</summary>
    public static FileStamp? Of(string path) => new FileInfo(path) is { Exists: true } file ? new(file.Length, file.LastWriteTimeUtc) : null;

    /// <summary>Whether a later version of the file could have the same stamp: tars are often of one length, and times are coarse.</summary>
    public bool IsFreshAt(DateTime time) => time - Written < Grain;
}
