using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using MultiArchImage.Building.Engine.Progress;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Building.Engine;

/// <summary>The steps of one build as BuildKit tells of them: passed on while they happen, and kept for the one that fails.</summary>
internal sealed class BuildSteps(string activity, IActivitySink sink)
{
    // What a person reads of a failed step's output; BuildKit keeps the rest in its own log.
    private const int KeptLines = 20;

    // What BuildKit says of the steps that it stops because another one failed.
    private const string Stopped = "context canceled";

    private readonly Dictionary<string, Step> _steps = new(StringComparer.Ordinal);

    /// <summary>The step that failed; null where none did. Its error and last lines say why.</summary>
    public Step? Failed => _steps.Values.Where(step => step.Error is not null)
        .OrderBy(step => step.Error!.Contains(Stopped, StringComparison.Ordinal)).FirstOrDefault();

    public void Add(StatusResponse status)
    {
        foreach (var vertex in status.Vertexes)
            Add(vertex);
        foreach (var item in status.Statuses)
            Report(_steps.GetValueOrDefault(item.Vertex), item);
        foreach (var log in status.Logs)
            Of(log.Vertex).Append(log.Msg.ToStringUtf8(), KeptLines, line => sink.Verbose($"{activity}: {line}"));
    }

    /// <summary>Takes the activity from the screen.</summary>
    public void Complete() => sink.Progress(new ActivityProgress(activity, "done", 1) { IsCompleted = true });

    private void Add(Vertex vertex)
    {
        var step = Of(vertex.Digest);
        step.Name = vertex.Name;
        step.Error = vertex.Error.Length > 0 ? vertex.Error : step.Error;
        if (vertex.Completed is null)
        {
            Report(step, item: null);
            return;
        }
        // A step may be told of again after its end; its line is written once.
        if (!step.IsCompleted && step.Error is null)
            sink.Verbose($"{activity}: {vertex.Name} {(vertex.Cached ? "CACHED" : Seconds(vertex.Started, vertex.Completed))}");
        step.IsCompleted = true;
    }

    private Step Of(string digest) =>
        _steps.TryGetValue(digest, out var step) ? step : _steps[digest] = new Step();

    private void Report(Step? step, VertexStatus? item)
    {
        if (step is null)
            return;
        var detail = item is { Total: > 0 } ? $", {ByteSize.Format(item.Current)} of {ByteSize.Format(item.Total)}" : "";
        sink.Progress(new ActivityProgress(activity, step.Name + detail, (double)_steps.Values.Count(known => known.IsCompleted) / _steps.Count));
    }

    private static string Seconds(Timestamp? started, Timestamp completed) =>
        started is null ? "" : (completed - started).ToTimeSpan().TotalSeconds.ToString("0.0 's'", CultureInfo.InvariantCulture);

    /// <summary>One step, and the last lines that it printed.</summary>
    internal sealed class Step
    {
        private readonly Queue<string> _lines = new();
        private readonly StringBuilder _unfinished = new();

        public string Name { get; set; } = "";

        public string? Error { get; set; }

        public bool IsCompleted { get; set; }

        public IReadOnlyList<string> LastLines => _unfinished.Length == 0 ? [.. _lines] : [.. _lines, _unfinished.ToString()];

        // Output comes in pieces that end anywhere.
        public void Append(string output, int kept, Action<string> onLine)
        {
            var lines = _unfinished.Append(output).ToString().Split('\n');
            _unfinished.Clear().Append(lines[^1]);
            foreach (var line in lines[..^1].Select(line => line.TrimEnd('\r')))
            {
                onLine(line);
                _lines.Enqueue(line);
                if (_lines.Count > kept)
                    _lines.Dequeue();
            }
        }
    }
}
