using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Transfer;

/// <summary>How much of a transfer is done, reported as it grows.</summary>
internal sealed class TransferMeter(string activity, IActivitySink sink)
{
    private long _expected;
    private long _done;

    public void Expect(Descriptor blob) => Interlocked.Add(ref _expected, blob.Size);

    public void Add(long bytes)
    {
        var done = Interlocked.Add(ref _done, bytes);
        var expected = Interlocked.Read(ref _expected);
        sink.Progress(new ActivityProgress(
            activity, $"{ByteSize.Format(done)} of {ByteSize.Format(expected)}", expected == 0 ? null : (double)done / expected));
    }

    public void Complete() => sink.Progress(new ActivityProgress(activity, "done", 1) { IsCompleted = true });
}
