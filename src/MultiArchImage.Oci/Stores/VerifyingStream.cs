using System.Globalization;
using System.Security.Cryptography;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>Content that is hashed while it is read; its end is reached only if it is what the descriptor says.</summary>
/// <param name="inner">The content; closed with this stream.</param>
/// <param name="expected">Digest and size that it must have.</param>
/// <param name="where">Where it comes from, for the failure.</param>
public sealed class VerifyingStream(Stream inner, Descriptor expected, string where) : Stream
{
    private readonly IncrementalHash _hash = expected.Digest.CreateHash();
    private long _position;
    private bool _isVerified;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => expected.Size;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => Verify(buffer, inner.Read(buffer));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Verify(buffer.Span, count);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Verify(ReadOnlySpan<byte> buffer, int count)
    {
        if (buffer.Length == 0 || _isVerified)
            return count;
        _hash.AppendData(buffer[..count]);
        _position += count;
        if (_position > expected.Size)
            throw Mismatch($"more than the {expected.Size} bytes it should have");
        if (count == 0)
            VerifyEnd();
        return count;
    }

    private void VerifyEnd()
    {
        _isVerified = true;
        var actual = Digest.FromHash(expected.Digest.Algorithm, _hash.GetHashAndReset());
        if (_position != expected.Size || actual != expected.Digest)
            throw Mismatch($"{_position} bytes of {actual}");
    }

    private DigestMismatchException Mismatch(FormattableString actual) =>
        new(where, expected.Digest, actual.ToString(CultureInfo.InvariantCulture));
}
