using System.Globalization;
using System.Security.Cryptography;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>
/// Hashes a blob while it is read, and throws where its end should be when it is not what its descriptor says. A reader that was told of the
/// end without an exception has had the right bytes. Owns the stream it reads.
/// </summary>
/// <param name="inner">The content, from its start.</param>
/// <param name="expected">Digest and size that the content must have.</param>
/// <param name="where">The place it comes from, for the error: <c>docker.io/library/busybox</c>.</param>
public sealed class VerifyingStream(Stream inner, Descriptor expected, string where) : ForwardStream
{
    private readonly IncrementalHash _hash = expected.Digest.CreateHash();
    private long _read;
    private bool _verified;

    /// <summary>The size that the descriptor says; reading to it and on to the end is what verifies.</summary>
    public override long Length => expected.Size;

    /// <inheritdoc/>
    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="DigestMismatchException">The content ended, or went on, where it should not, or its hash differs.</exception>
    public override int Read(Span<byte> buffer) => Take(buffer, inner.Read(buffer));

    /// <inheritdoc/>
    /// <exception cref="DigestMismatchException">The content ended, or went on, where it should not, or its hash differs.</exception>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="DigestMismatchException">The content ended, or went on, where it should not, or its hash differs.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Take(buffer.Span, count);
    }

    /// <inheritdoc/>
    /// <exception cref="DigestMismatchException">The content ended, or went on, where it should not, or its hash differs.</exception>
    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

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

    private int Take(Span<byte> buffer, int count)
    {
        _read += count;
        // More than the descriptor says is refused as it comes, so that no store can fill a disk.
        if (_read > expected.Size)
            throw Mismatch($"more than {expected.Size} bytes");
        if (count > 0)
            _hash.AppendData(buffer[..count]);
        else if (buffer.Length > 0 && !_verified)
            Verify();
        return count;
    }

    private void Verify()
    {
        if (_read < expected.Size)
            throw Mismatch($"{_read} bytes instead of {expected.Size}");
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        var length = _hash.GetCurrentHash(hash);
        var actual = Digest.FromHash(expected.Digest.Algorithm, hash[..length]);
        if (actual != expected.Digest)
            throw Mismatch(actual.ToString());
        _verified = true;
    }

    private DigestMismatchException Mismatch(FormattableString actual) => Mismatch(actual.ToString(CultureInfo.InvariantCulture));

    private DigestMismatchException Mismatch(string actual) => new(where, expected.Digest, actual) { Subject = where };
}
