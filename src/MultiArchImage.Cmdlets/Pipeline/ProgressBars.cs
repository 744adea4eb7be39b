using System.Management.Automation;
using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>
/// The progress bars of one command. Work tells of itself as often as it likes; no more than <see cref="RecordsASecond"/> records leave, and
/// every bar that was shown is taken away again within that number.
/// </summary>
internal sealed class ProgressBars(TimeProvider time)
{
    /// <summary>A bar that changes more often is not seen, and each record costs the host a redraw.</summary>
    public const int RecordsASecond = 10;

    // More do not fit on a screen, and would leave no records for them to move.
    private const int BarsAtOnce = 6;

    // So that one activity does not take what several might show.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly object _lock = new();
    private readonly Dictionary<string, Bar> _shown = new(StringComparer.Ordinal);
    private readonly Queue<long> _sent = new();
    private int _lastId;

    /// <summary>The record of what an activity tells; null where it is not shown.</summary>
    public ProgressRecord? Show(ActivityProgress progress)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var bar = _shown.GetValueOrDefault(progress.Activity);
            if (progress.IsCompleted)
            {
                if (!_shown.Remove(progress.Activity))
                    return null;
            }
            else if (bar is null)
            {
                // The bar itself, and the record that takes it away.
                if (_shown.Count >= BarsAtOnce || SentOfLate(now) + _shown.Count + 2 > RecordsASecond)
                    return null;
                _shown[progress.Activity] = bar = new Bar(++_lastId, now);
            }
            else
            {
                if (time.GetElapsedTime(bar.Told, now) < Interval || SentOfLate(now) + _shown.Count + 1 > RecordsASecond)
                    return null;
                _shown[progress.Activity] = bar with { Told = now };
            }
            _sent.Enqueue(now);
            return Record(bar!.Id, progress);
        }
    }

    private int SentOfLate(long now)
    {
        while (_sent.TryPeek(out var sent) && time.GetElapsedTime(sent, now) >= TimeSpan.FromSeconds(1))
            _sent.Dequeue();
        return _sent.Count;
    }

    private ProgressRecord Record(int id, ActivityProgress progress) => new(id, progress.Activity, NotEmpty(progress.Status))
    {
        ParentActivityId = progress.Parent is not null && _shown.TryGetValue(progress.Parent, out var parent) ? parent.Id : -1,
        PercentComplete = progress.Fraction is { } fraction ? (int)(100 * Math.Clamp(fraction, 0, 1)) : -1,
        RecordType = progress.IsCompleted ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    };

    // ProgressRecord refuses an empty status.
    private static string NotEmpty(string status) => string.IsNullOrWhiteSpace(status) ? "…" : status;

    private sealed record Bar(int Id, long Told);
}
