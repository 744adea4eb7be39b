using Microsoft.Win32.SafeHandles;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>A part of a file, read at a position of its own, so that several parts of one file can be read at the same time.</summary>
/// <param name="file">The file.</param>
/// <param name="section">The part.</param>
/// <param name="ownsFile">Whether the file is closed with the stream.</param>
internal sealed class SectionStream(SafeFileHandle file, ArchiveEntry section, bool ownsFile) : Stream
{
    public override bool CanRead => true;

    // What writes a tar takes into memory what it cannot go back in.
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => section.Length;

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer) => Advance(RandomAccess.Read(file, buffer[..Wanted(buffer.Length)], section.Offset + Position));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Advance(await RandomAccess.ReadAsync(file, buffer[..Wanted(buffer.Length)], section.Offset + Position, cancellationToken).ConfigureAwait(false));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Current => Position,
        SeekOrigin.End => Length,
        _ => 0,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && ownsFile)
            file.Dispose();
        base.Dispose(disposing);
    }

    private int Wanted(int length) => (int)Math.Clamp(section.Length - Position, 0, length);

    private int Advance(int count)
    {
        Position += count;
        return count;
    }
}
