namespace MultiArchImage.Oci.Stores;

/// <summary>A stream that tells how many bytes were read through it.</summary>
internal sealed class MeteredStream(Stream inner, Action<long> report) : ForwardStream
{
    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Reported(inner.Read(buffer, offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Reported(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private int Reported(int read)
    {
        if (read > 0)
            report(read);
        return read;
    }
}
