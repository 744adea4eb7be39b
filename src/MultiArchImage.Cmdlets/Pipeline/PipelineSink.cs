using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>Brings what the work tells to PowerShell's streams.</summary>
internal sealed class PipelineSink(PipelineQueue queue, TimeProvider? time = null) : IActivitySink
{
    private readonly ProgressBars _bars = new(time ?? TimeProvider.System);

    public void Verbose(string line) => queue.Add(new PipelineRecord.Verbose(line));

    public void Debug(string line) => queue.Add(new PipelineRecord.Debug(line));

    public void Warning(string message) => queue.Add(new PipelineRecord.Warning(message));

    public void Progress(ActivityProgress progress)
    {
        if (_bars.Show(progress) is { } record)
            queue.Add(new PipelineRecord.Progress(record));
    }
}
