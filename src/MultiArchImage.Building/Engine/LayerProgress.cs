using Docker.DotNet.Models;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Building.Engine;

/// <summary>What the engine reports of a push or pull, layer by layer, as one progress; and how it ended.</summary>
internal sealed class LayerProgress(string activity, IActivitySink sink) : IProgress<JSONMessage>
{
    private static readonly string[] Ends = ["Pushed", "Layer already exists", "Mounted from", "Pull complete", "Already exists"];
    private readonly Dictionary<string, Layer> _layers = new(StringComparer.Ordinal);

    /// <summary>The engine's words of a failure; null where there was none.</summary>
    public string? Error { get; private set; }

    /// <summary>The digest that a push reports; null for others.</summary>
    public string? Digest { get; private set; }

    /// <summary>Bytes of the pushed manifest.</summary>
    public long ManifestSize { get; private set; }

    /// <inheritdoc/>
    public void Report(JSONMessage value)
    {
        Error ??= value.Error?.Message;
        if (value.Aux?.ExtensionData is { } aux && aux.TryGetValue("Digest", out var digest))
        {
            Digest = $"{digest}";
            ManifestSize = long.TryParse($"{aux["Size"]}", out var size) ? size : 0;
        }
        if (string.IsNullOrEmpty(value.ID) || value.Status is null)
            Tell(value.Status);
        else if (value.Progress is not null || Ends.Any(end => value.Status.StartsWith(end, StringComparison.Ordinal)))
            Tell(value.ID, value.Status, value.Progress);
    }

    /// <summary>Takes the activity from the screen.</summary>
    public void Complete()
    {
        foreach (var (id, layer) in _layers)
        {
            if (!layer.IsFinished)
                Tell(id, layer with { IsFinished = true });
        }
        sink.Progress(new ActivityProgress(activity, "done", 1) { IsCompleted = true });
    }

    private void Tell(string? status)
    {
        if (!string.IsNullOrWhiteSpace(status))
            sink.Verbose($"{activity}: {status}");
    }

    private void Tell(string id, string status, JSONProgress? progress)
    {
        var layer = _layers.GetValueOrDefault(id) ?? new Layer(0, 0, false);
        _layers[id] = progress is null
            ? layer with { Done = layer.Size, IsFinished = true }
            : layer with { Done = progress.Current ?? 0, Size = Math.Max(layer.Size, progress.Total ?? 0) };
        if (progress is null)
            sink.Verbose($"{activity}: {id} {status}");
        var (done, size) = (_layers.Values.Sum(known => known.Done), _layers.Values.Sum(known => known.Size));
        sink.Progress(new ActivityProgress(
            activity,
            $"layer {_layers.Values.Count(known => known.IsFinished)} of {_layers.Count}, {ByteSize.Format(done)} of {ByteSize.Format(size)}",
            size == 0 ? null : Math.Min(1, (double)done / size)));
        Tell(id, _layers[id]);
    }

    private void Tell(string id, Layer layer) => sink.Progress(new ActivityProgress(
        $"{id} of {activity}", $"{ByteSize.Format(layer.Done)} of {ByteSize.Format(layer.Size)}", layer.Size == 0 ? null : Math.Min(1, (double)layer.Done / layer.Size))
    {
        Parent = activity,
        IsCompleted = layer.IsFinished,
    });

    private sealed record Layer(long Done, long Size, bool IsFinished);
}
