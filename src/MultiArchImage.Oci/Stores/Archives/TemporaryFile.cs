namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>A file that only this process sees, and that is gone with it, however it ends.</summary>
internal static class TemporaryFile
{
    /// <summary>Makes an empty one in the folder of temporary files, for writing and reading.</summary>
    public static FileStream Create()
    {
        var path = Path.Combine(Path.GetTempPath(), $"multiarchimage-{Guid.NewGuid():N}");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 1, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        // Windows removes it when its last handle goes, with a killed process too; on Unix its name goes at once and its content with the handle.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}
