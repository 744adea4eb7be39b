using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// Where blobs wait until a tag brings them into the archive: a layout in a hidden folder beside it, on the same disk. It is made by the first
/// blob and removed with the store; one that a killed writer left is removed by a writer of another day.
/// </summary>
internal sealed class ArchiveStage(string archive) : IDisposable
{
    private readonly Lazy<LayoutStore> _layout = new(() => Begin(archive));

    /// <summary>The layout; null where nothing was put yet.</summary>
    public LayoutStore? Layout => _layout.IsValueCreated ? _layout.Value : null;

    /// <summary>Where a writer of this archive has what is not whole yet.</summary>
    public static string TemporaryPath(string archive) =>
        Path.Combine(Path.GetDirectoryName(archive)!, $"{TemporaryPrefix(archive)}{Guid.NewGuid():N}");

    /// <summary>Puts a blob there.</summary>
    public Task<BlobTransfer> PutBlobAsync(Descriptor blob, BlobSource source, CancellationToken cancel) =>
        _layout.Value.PutBlobAsync(blob, source, cancel);

    /// <summary>Puts a document there, under its digest.</summary>
    public Task PutManifestAsync(Manifest manifest, CancellationToken cancel) => _layout.Value.PutManifestAsync(manifest, [], cancel);

    /// <summary>Bytes of a blob; null where it is not there.</summary>
    public long? Find(Digest digest) => Layout?.FindBlob(digest)?.Length;

    /// <summary>The content of a blob that is there.</summary>
    public Stream Open(Digest digest) => LayoutFolder.OpenRead(_layout.Value.FindBlob(digest)!.FullName);

    /// <summary>Removes a blob that is in the archive now.</summary>
    public void Remove(Digest digest) => Layout?.FindBlob(digest)?.Delete();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Layout is not null && Directory.Exists(Layout.Place.Path))
            Directory.Delete(Layout.Place.Path, recursive: true);
    }

    private static LayoutStore Begin(string archive)
    {
        RemoveAbandoned(archive);
        return new LayoutStore(TemporaryPath(archive));
    }

    private static void RemoveAbandoned(string archive)
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(archive)!);
        var oldest = DateTime.UtcNow - WholeFile.TemporaryLifetime;
        foreach (var left in folder.Exists ? folder.EnumerateFileSystemInfos(TemporaryPrefix(archive) + "*").Where(left => left.LastWriteTimeUtc < oldest) : [])
        {
            try
            {
                if (left is DirectoryInfo stage)
                    stage.Delete(recursive: true);
                else
                    left.Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Rubbish of another user; it disturbs nobody.
            }
        }
    }

    private static string TemporaryPrefix(string archive) => $".{Path.GetFileName(archive)}.partial-";
}
