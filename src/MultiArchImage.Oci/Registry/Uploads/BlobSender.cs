using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry.Uploads;

/// <summary>
/// Sends a blob's bytes: whole at first, and where that breaks, on from the byte that the registry has, in chunks, so that the next break costs a
/// chunk at most (distribution-spec: Pushing a blob monolithically, Pushing a blob in chunks).
/// </summary>
internal sealed class BlobSender(RegistryClient client, ImageReference place, Descriptor blob, BlobSource source)
{
    private const long ChunkLength = 16 * 1024 * 1024;

    private bool _inChunks;
    private bool _isSourceGood;
    private long _reached;
    private int _setbacks;

    /// <summary>Sends the blob through a session; false where the session is of no more use, and another is to be tried.</summary>
    /// <exception cref="UploadBrokenException">It broke too often without getting on.</exception>
    /// <exception cref="DigestMismatchException">The source has other content than the digest says.</exception>
    public async Task<bool> SendAsync(UploadSession session, CancellationToken cancel)
    {
        _reached = 0;
        while (true)
        {
            var setback = await TryAsync(session, cancel).ConfigureAwait(false);
            if (setback is null)
                return true;
            await BearAsync(setback, session, cancel).ConfigureAwait(false);
            _inChunks = true;
            if (!await session.AskAsync(cancel).ConfigureAwait(false) || session.Offset is 0 || session.Offset > blob.Size)
                return false;
            client.Tell($"{place}: taking {blob.Digest.Short} up at byte {session.Offset} of {blob.Size}");
        }
    }

    private async Task<Setback?> TryAsync(UploadSession session, CancellationToken cancel)
    {
        try
        {
            return _inChunks
                ? await SendChunksAsync(session, cancel).ConfigureAwait(false)
                : await session.PutAsync(blob, source, cancel).ConfigureAwait(false);
        }
        catch (RegistryErrorException e) when (e.Code == "DIGEST_INVALID")
        {
            return new Setback(await BlameAsync(e, cancel).ConfigureAwait(false));
        }
    }

    private async Task<Setback?> SendChunksAsync(UploadSession session, CancellationToken cancel)
    {
        var length = Math.Max(ChunkLength, session.MinimumChunk);
        while (session.Offset < blob.Size)
        {
            var start = session.Offset;
            if (await session.PatchAsync(blob, length, source, cancel).ConfigureAwait(false) is { } setback)
                return setback;
            if (session.Offset <= start || session.Offset > blob.Size)
                return new Setback(new UploadBrokenException(place.Registry, $"it says that it has {session.Offset} bytes after it was sent more than {start}"));
        }
        return await session.FinishAsync(blob.Digest, cancel).ConfigureAwait(false);
    }

    // Only setbacks that follow each other without a chunk's worth of progress count.
    private async Task BearAsync(Setback setback, UploadSession session, CancellationToken cancel)
    {
        if (session.Offset - _reached >= ChunkLength)
            (_reached, _setbacks) = (session.Offset, 0);
        if (_setbacks >= client.MaximumRetryCount)
            throw setback.Failure;
        client.Tell($"{place}: {setback.Failure.Message}; sending {blob.Digest.Short} again ({_setbacks + 1} of {client.MaximumRetryCount})");
        await setback.WaitAsync(_setbacks++, client.Time, cancel).ConfigureAwait(false);
    }

    // The registry says that it got other bytes. Which of the two sides is at fault shows when this one reads its bytes once more.
    private async Task<ImageException> BlameAsync(RegistryErrorException refusal, CancellationToken cancel)
    {
        if (_isSourceGood)
            throw refusal;
        var content = new VerifyingStream(await source.OpenAsync(cancel).ConfigureAwait(false), blob, source.Place?.FullName ?? "the source");
        await using (content.ConfigureAwait(false))
            await content.CopyToAsync(Stream.Null, cancel).ConfigureAwait(false);
        _isSourceGood = true;
        return refusal;
    }
}
