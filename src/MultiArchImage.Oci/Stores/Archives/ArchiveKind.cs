namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>Which kind of archive a file is, by what is in it.</summary>
public static class ArchiveKind
{
    /// <summary>
    /// What a reference to the file begins with: <c>docker-archive</c> where it has the file by which <c>docker load</c> finds images, also beside
    /// a layout, and <c>oci-archive</c> where it has a layout alone.
    /// </summary>
    /// <exception cref="InvalidArchiveException">It is no archive of images.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Of(string file)
    {
        using var archive = File.OpenRead(file);
        // Reads headers only.
        var entries = TarIndex.ReadAsync(archive, file, CancellationToken.None).GetAwaiter().GetResult();
        return entries.Find(DockerSave.ManifestName) is not null ? "docker-archive"
            : entries.Find(LayoutFolder.MarkName) is not null ? "oci-archive"
            : throw new InvalidArchiveException(file, "it holds neither an image layout nor what docker save writes", TarIndex.Remedy);
    }
}
