using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Serving;

/// <summary>The blobs of a repository: all files of its layout that a digest names, manifests among them.</summary>
internal sealed class BlobFolder(LayoutFolder folder)
{
    /// <summary>The file of a blob; null where it is not there.</summary>
    public FileInfo? Find(Digest digest) => new FileInfo(folder.BlobPath(digest)) is { Exists: true } file ? file : null;

    /// <summary>Takes a whole file over as a blob. Its content must have been held against the digest.</summary>
    public async Task TakeAsync(Digest digest, string file, CancellationToken cancel)
    {
        await folder.PrepareAsync(cancel).ConfigureAwait(false);
        var target = folder.BlobPath(digest);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await WholeFile.RenameAsync(file, target, cancel).ConfigureAwait(false);
    }

    /// <summary>Brings a blob of another repository here: its file gets a second name, where the file system has such, and is copied elsewhere.</summary>
    /// <returns>False where it is gone.</returns>
    public async Task<bool> TryMountAsync(Digest digest, FileInfo source, CancellationToken cancel)
    {
        await folder.PrepareAsync(cancel).ConfigureAwait(false);
        var target = folder.BlobPath(digest);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        return HardLink.TryCreate(source.FullName, target) || File.Exists(target) || await TryCopyAsync(source, target, cancel).ConfigureAwait(false);
    }

    private async Task<bool> TryCopyAsync(FileInfo source, string target, CancellationToken cancel)
    {
        try
        {
            var content = LayoutFolder.OpenRead(source.FullName);
            await using (content.ConfigureAwait(false))
                await folder.WriteAsync(target, file => content.CopyToAsync(file, cancel), cancel).ConfigureAwait(false);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
