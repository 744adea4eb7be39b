using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Building.Tests.Engine;

/// <summary>Keeps what was told.</summary>
internal sealed class RecordedActivity : IActivitySink
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ConcurrentQueue<string> Warnings { get; } = new();

    public ConcurrentQueue<ActivityProgress> Steps { get; } = new();

    public void Verbose(string line) => Lines.Enqueue(line);

    public void Debug(string line)
    {
    }

    public void Warning(string message) => Warnings.Enqueue(message);

    public void Progress(ActivityProgress progress) => Steps.Enqueue(progress);
}
