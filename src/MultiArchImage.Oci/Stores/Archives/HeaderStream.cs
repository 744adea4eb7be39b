using System.Text;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// What a reader of tar headers sees of an archive. Long names and extended attributes are read as a whole, into memory, and are as long as the
/// header before them says: one that says more than any name needs is refused before the reader makes room for it.
/// </summary>
internal sealed class HeaderStream(Stream archive) : Stream
{
    // A name, a link's target and some attributes; the content of files is not read through here.
    private const int LongestHeader = 64 * 1024;
    private const int LongestHeaderDigits = 6;

    // POSIX.1-1988 and pax: the fields of a header block.
    private const int BlockLength = 512;
    private const int TypeOffset = 156;
    private static readonly Range SizeField = 124..136;

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
        var count = archive.Read(buffer);
        RefuseLongHeader(buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await archive.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        RefuseLongHeader(buffer.Span[..count]);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => archive.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static void RefuseLongHeader(ReadOnlySpan<byte> block)
    {
        // Extended attributes of the next entry or of all, a long name, a long link.
        if (block.Length != BlockLength || (char)block[TypeOffset] is not ('x' or 'g' or 'L' or 'K'))
            return;
        var size = Encoding.ASCII.GetString(block[SizeField]).Trim('\0', ' ');
        // Octal digits; a size in GNU's binary form is one that octal digits cannot say.
        if (size.All(char.IsAsciiDigit) && size.TrimStart('0') is { Length: <= LongestHeaderDigits } digits && ToNumber(digits) <= LongestHeader)
            return;
        throw new InvalidDataException($"it has a header of the size '{size}', in octal; more than {LongestHeader} bytes are refused");
    }

    private static int ToNumber(string octal) => octal.Aggregate(0, (number, digit) => (number * 8) + digit - '0');
}
