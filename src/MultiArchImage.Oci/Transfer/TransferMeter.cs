using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Transfer;

/// <summary>How much of a transfer is done, reported as it grows, and of each of its large blobs.</summary>
internal sealed class TransferMeter(string activity, IActivitySink sink)
{
    // What is smaller is there before somebody has read its name.
    private const long WorthABar = 4 * 1024 * 1024;

    // More often nobody sees it, and the words would cost more than the bytes that they tell of.
    private const long Interval = 100;

    private long _expected;
    private long _done;
    private long _told;

    public void Expect(Descriptor blob) => Interlocked.Add(ref _expected, blob.Size);

    public void Add(long bytes)
    {
        var done = Interlocked.Add(ref _done, bytes);
        if (IsDue(ref _told))
            Report(activity, null, done, Interlocked.Read(ref _expected));
    }

    /// <summary>Takes the bytes of one blob, as they come.</summary>
    public Action<long> Of(Descriptor blob)
    {
        if (blob.Size < WorthABar)
            return Add;
        var (name, done, told) = (NameOf(blob), 0L, 0L);
        return bytes =>
        {
            Add(bytes);
            var taken = Interlocked.Add(ref done, bytes);
            if (IsDue(ref told))
                Report(name, activity, taken, blob.Size);
        };
    }

    /// <summary>Takes a blob from the screen.</summary>
    public void Complete(Descriptor blob)
    {
        if (blob.Size >= WorthABar)
            sink.Progress(new ActivityProgress(NameOf(blob), "done", 1) { Parent = activity, IsCompleted = true });
    }

    public void Complete() => sink.Progress(new ActivityProgress(activity, "done", 1) { IsCompleted = true });

    private static bool IsDue(ref long told)
    {
        var (last, now) = (Interlocked.Read(ref told), Environment.TickCount64);
        return now - last >= Interval && Interlocked.CompareExchange(ref told, now, last) == last;
    }

    private void Report(string what, string? parent, long done, long expected) => sink.Progress(new ActivityProgress(
        what, $"{ByteSize.Format(done)} of {ByteSize.Format(expected)}", expected == 0 ? null : (double)done / expected) { Parent = parent });

    // With the activity: the same layer may be on its way to two places.
    private string NameOf(Descriptor blob) => $"{blob.Digest.Short} {activity[(activity.LastIndexOf(' ') + 1)..]}";
}
