using Microsoft.Win32.SafeHandles;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>A part of a file, read at its own position, so that several parts of one file can be read at the same time.</summary>
/// <param name="file">The file.</param>
/// <param name="section">The part.</param>
/// <param name="ownsFile">Whether the file is closed with the stream.</param>
internal sealed class SectionStream(SafeFileHandle file, ArchiveEntry section, bool ownsFile) : ForwardStream
{
    private long _read;

    public override long Length => section.Length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer) => Advance(RandomAccess.Read(file, buffer[..Wanted(buffer.Length)], section.Offset + _read));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Advance(await RandomAccess.ReadAsync(file, buffer[..Wanted(buffer.Length)], section.Offset + _read, cancellationToken).ConfigureAwait(false));

    protected override void Dispose(bool disposing)
    {
        if (disposing && ownsFile)
            file.Dispose();
        base.Dispose(disposing);
    }

    private int Wanted(int length) => (int)Math.Min(length, section.Length - _read);

    private int Advance(int count)
    {
        _read += count;
        return count;
    }
}
