using System.Threading.Channels;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Building.Engine;

/// <summary>
/// The body of a request that is made while it is sent: what one task writes is read here, a few chunks at a time, so that
/// neither memory nor disk holds the whole.
/// </summary>
internal sealed class TarBody : ForwardStream
{
    private const int WaitingChunks = 16;

    private readonly Channel<ReadOnlyMemory<byte>> _chunks = Channel.CreateBounded<ReadOnlyMemory<byte>>(WaitingChunks);
    private readonly CancellationTokenSource _stop;
    private readonly Task _producer;
    private ReadOnlyMemory<byte> _current;
    private bool _isDisposed;

    public TarBody(Func<Stream, CancellationToken, Task> write, CancellationToken cancel)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _producer = Task.Run(() => ProduceAsync(write, _stop.Token), CancellationToken.None);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_current.IsEmpty)
        {
            if (!await _chunks.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                return 0;
            _chunks.Reader.TryRead(out _current);
        }
        var count = Math.Min(buffer.Length, _current.Length);
        _current[..count].CopyTo(buffer);
        _current = _current[count..];
        return count;
    }

    /// <summary>Stops the writing, and waits until nothing more of the context is open.</summary>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        await _producer.ConfigureAwait(false);
        _isDisposed = true;
        _stop.Dispose();
    }

    // The request disposes of its body as soon as it is sent, or not wanted any more.
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
            _stop.Cancel();
        base.Dispose(disposing);
    }

    private async Task ProduceAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancel)
    {
        try
        {
            // The tar writer writes headers of 512 bytes; together they make chunks worth sending.
            var buffered = new BufferedStream(new Sink(_chunks.Writer), 64 * 1024);
            await using (buffered.ConfigureAwait(false))
                await write(buffered, cancel).ConfigureAwait(false);
            _chunks.Writer.Complete();
        }
        catch (Exception e)
        {
            // It is the reader's, whatever it is.
            _chunks.Writer.Complete(e);
        }
    }

    private sealed class Sink(ChannelWriter<ReadOnlyMemory<byte>> chunks) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            chunks.WriteAsync(buffer.ToArray(), cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
