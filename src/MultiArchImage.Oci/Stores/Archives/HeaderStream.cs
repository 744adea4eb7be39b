using System.Text;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// What a reader of tar headers sees of a tar. Long names and extended attributes are read as a whole, into memory, and are as long as the
/// header before them says: one that says more than any name needs is refused before the reader makes room for it.
/// </summary>
/// <param name="archive">The tar.</param>
/// <param name="longest">Bytes of the longest one that is let through.</param>
internal sealed class HeaderStream(Stream archive, int longest) : Stream
{
    // POSIX.1-1988 and pax: the fields of a header block.
    private const int BlockLength = 512;
    private const int TypeOffset = 156;
    private static readonly Range SizeField = 124..136;
    private static readonly Range ChecksumField = 148..156;

    public override bool CanRead => true;

    public override bool CanSeek => archive.CanSeek;

    public override bool CanWrite => false;

    public override long Length => archive.Length;

    public override long Position
    {
        get => archive.Position;
        set => archive.Position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        // A block as a whole, however little of it an unpacking stream gives at a time.
        var count = buffer.Length == BlockLength ? archive.ReadAtLeast(buffer, BlockLength, throwOnEndOfStream: false) : archive.Read(buffer);
        RefuseLongHeader(buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = buffer.Length == BlockLength
            ? await archive.ReadAtLeastAsync(buffer, BlockLength, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false)
            : await archive.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
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

    private void RefuseLongHeader(ReadOnlySpan<byte> block)
    {
        // Extended attributes of the next entry or of all, a long name, a long link.
        if (block.Length != BlockLength || (char)block[TypeOffset] is not ('x' or 'g' or 'L' or 'K') || !IsHeader(block))
            return;
        var size = Encoding.ASCII.GetString(block[SizeField]).Trim('\0', ' ');
        // Octal digits; a size in GNU's binary form is one that octal digits cannot say.
        if (!size.All(char.IsAsciiDigit) || ToNumber(size) > longest)
            throw new InvalidDataException($"it has a header of the size '{size}', in octal; more than {longest} bytes are refused");
    }

    // The content of files comes through here too; only a header has the sum of its bytes in it, with spaces in the place of the sum.
    private static bool IsHeader(ReadOnlySpan<byte> block)
    {
        var sum = ' ' * 8;
        foreach (var part in (ReadOnlySpan<byte>)[.. block[..ChecksumField.Start], .. block[ChecksumField.End..]])
            sum += part;
        var stated = Encoding.ASCII.GetString(block[ChecksumField]).Trim('\0', ' ');
        return stated.Length > 0 && stated.All(char.IsAsciiDigit) && ToNumber(stated) == sum;
    }

    // Of twelve digits at most.
    private static long ToNumber(string octal) => octal.Aggregate(0L, (number, digit) => (number * 8) + digit - '0');
}
