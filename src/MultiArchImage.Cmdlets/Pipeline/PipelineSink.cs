using System.Collections.Concurrent;
using System.Management.Automation;
using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>Brings what the work tells to PowerShell's streams.</summary>
internal sealed class PipelineSink(PipelineQueue queue) : IActivitySink
{
    // A bar that changes more often than this is not seen, and each record costs the host a redraw.
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly object _progressLock = new();
    private long _lastProgress;

    public void Verbose(string line) => queue.Add(new PipelineRecord.Verbose(line));

    public void Debug(string line) => queue.Add(new PipelineRecord.Debug(line));

    public void Warning(string message) => queue.Add(new PipelineRecord.Warning(message));

    public void Progress(ActivityProgress progress)
    {
        if (!progress.IsCompleted && !IsDue())
            return;
        // Ids from 1 on; they need be unique only within the command.
        var record = new ProgressRecord(_ids.GetOrAdd(progress.Activity, _ => _ids.Count + 1), progress.Activity, NotEmpty(progress.Status))
        {
            PercentComplete = progress.Fraction is { } fraction ? (int)(100 * Math.Clamp(fraction, 0, 1)) : -1,
            RecordType = progress.IsCompleted ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        };
        queue.Add(new PipelineRecord.Progress(record));
    }

    // ProgressRecord refuses an empty status.
    private static string NotEmpty(string status) => string.IsNullOrWhiteSpace(status) ? "…" : status;

    private bool IsDue()
    {
        var now = Environment.TickCount64;
        lock (_progressLock)
        {
            if (now - _lastProgress < ProgressInterval.TotalMilliseconds)
                return false;
            _lastProgress = now;
            return true;
        }
    }
}
