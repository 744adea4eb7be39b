namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// What a reader of tar headers sees of an archive. It asks for a header as a whole, with its long name and its extended attributes, and these
/// have any length that the archive says: more than a header can need is refused before it is read.
/// </summary>
internal sealed class HeaderStream(Stream archive) : Stream
{
    // A name, a link's target and some attributes; the content of files is not read through here.
    private const int LongestRead = 64 * 1024;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => archive.Length;

    public override long Position
    {
        get => archive.Position;
        set => archive.Position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        RefuseLong(buffer.Length);
        return archive.Read(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        RefuseLong(buffer.Length);
        return archive.ReadAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => archive.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static void RefuseLong(int length)
    {
        if (length > LongestRead)
            throw new InvalidDataException($"it has a header of {length} bytes; more than {LongestRead} are refused");
    }
}
