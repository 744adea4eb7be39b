using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Serving;

/// <summary>
/// A blob that is being pushed: a file that grows. It is all there is of the session, so an upload goes on where it was after the registry died.
/// </summary>
/// <param name="Id">The session's part of its URL.</param>
/// <param name="Path">The file.</param>
internal sealed record UploadSession(string Id, string Path)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>The bytes that came so far.</summary>
    public long Length => new FileInfo(Path).Length;

    /// <summary>
    /// Adds a chunk. What came of one that broke off stays: the client asks how much that is (distribution-spec: Pushing a blob in chunks).
    /// </summary>
    /// <param name="content">The chunk.</param>
    /// <param name="offset">Where it begins, which must be where the file ends; null for there.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The length from then on; null, with nothing done, where the offset is another one or another request is writing.</returns>
    public async Task<long?> TryAppendAsync(Stream content, long? offset, CancellationToken cancel)
    {
        if (OpenAlone(FileAccess.Write) is not { } file)
            return null;
        await using (file.ConfigureAwait(false))
        {
            if (offset is not null && offset != file.Length)
                return null;
            file.Position = file.Length;
            await content.CopyToAsync(file, BufferSize, cancel).ConfigureAwait(false);
            return file.Length;
        }
    }

    /// <summary>Ends the session: nobody finds it any more. Null where another request ended it before.</summary>
    public UploadSession? TryClose()
    {
        var closed = this with { Path = $"{Path}.closed" };
        try
        {
            File.Move(Path, closed.Path);
            return closed;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether the content of a closed session is what a digest names; false also where a request that began before is still writing.</summary>
    public async Task<bool> MatchesAsync(Digest digest, CancellationToken cancel)
    {
        if (OpenAlone(FileAccess.Read) is not { } file)
            return false;
        using var hash = digest.CreateHash();
        var buffer = new byte[BufferSize];
        await using (file.ConfigureAwait(false))
        {
            for (int count; (count = await file.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
                hash.AppendData(buffer, 0, count);
        }
        return Digest.FromHash(digest.Algorithm, hash.GetHashAndReset()) == digest;
    }

    /// <summary>Gives the upload up.</summary>
    public void Discard() => File.Delete(Path);

    // Open for one alone, which is the lock of the session, also between processes.
    private FileStream? OpenAlone(FileAccess access)
    {
        try
        {
            return new FileStream(Path, FileMode.Open, access, FileShare.None, bufferSize: 1, FileOptions.Asynchronous);
        }
        catch (IOException e) when (e is not FileNotFoundException)
        {
            return null;
        }
    }
}
