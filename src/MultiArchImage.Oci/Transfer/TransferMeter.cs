using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Transfer;

/// <summary>How much of a transfer is done, reported as it grows, and of each of its large blobs.</summary>
internal sealed class TransferMeter(string activity, IActivitySink sink)
{
    // What is smaller is there before somebody has read its name.
    private const long WorthABar = 4 * 1024 * 1024;

    private long _expected;
    private long _done;

    public void Expect(Descriptor blob) => Interlocked.Add(ref _expected, blob.Size);

    public void Add(long bytes) => Report(activity, null, Interlocked.Add(ref _done, bytes), Interlocked.Read(ref _expected));

    /// <summary>Takes the bytes of one blob, as they come.</summary>
    public Action<long> Of(Descriptor blob)
    {
        if (blob.Size < WorthABar)
            return Add;
        var (name, done) = (NameOf(blob), 0L);
        return bytes =>
        {
            Add(bytes);
            Report(name, activity, Interlocked.Add(ref done, bytes), blob.Size);
        };
    }

    /// <summary>Takes a blob from the screen.</summary>
    public void Complete(Descriptor blob)
    {
        if (blob.Size >= WorthABar)
            sink.Progress(new ActivityProgress(NameOf(blob), "done", 1) { Parent = activity, IsCompleted = true });
    }

    public void Complete() => sink.Progress(new ActivityProgress(activity, "done", 1) { IsCompleted = true });

    private void Report(string what, string? parent, long done, long expected) => sink.Progress(new ActivityProgress(
        what, $"{ByteSize.Format(done)} of {ByteSize.Format(expected)}", expected == 0 ? null : (double)done / expected) { Parent = parent });

    // With the activity: the same layer may be on its way to two places.
    private string NameOf(Descriptor blob) => $"{blob.Digest.Short} {activity[(activity.LastIndexOf(' ') + 1)..]}";
}
