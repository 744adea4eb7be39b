using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests.Updating;

/// <summary>What an update would do to what the name holds now; other writers may change that before it is carried out.</summary>
public sealed class UpdatePlan
{
    internal UpdatePlan(ImageReference target, TagUpdate update, TagReading reading, ImageIndex index, IReadOnlyList<EntryMove> moves) =>
        (Target, Update, Reading, Index, Moves) = (target, update, reading, index, moves);

    /// <summary>The name.</summary>
    public ImageReference Target { get; }

    /// <summary>The document as it would be.</summary>
    public ImageIndex Index { get; }

    /// <summary>What the name holds; null for nothing.</summary>
    public Digest? Previous => Reading.Index?.Digest;

    /// <summary>Whether the name holds all of it already.</summary>
    public bool IsNoOp => Previous == Index.Digest;

    /// <summary>What carrying the plan out does, in a sentence without its full stop.</summary>
    public string Description
    {
        get
        {
            var changes = string.Join(", ", Changes());
            var previous = Previous is null ? "make it" : $"in place of {Previous.Short}";
            return $"Update {Target}: {(changes.Length == 0 ? "annotations" : changes)}, {previous}";
        }
    }

    internal TagUpdate Update { get; }

    internal TagReading Reading { get; }

    internal IReadOnlyList<EntryMove> Moves { get; }

    /// <summary>The fat manifest as it would be, with status <c>Planned</c>.</summary>
    public FatManifest ToPlanned() => FatManifest.Of(Target, Index) with { PreviousDigest = Previous?.ToString(), Status = "Planned" };

    private IEnumerable<string> Changes()
    {
        var before = (Reading.Index?.Images ?? []).ToLookup(entry => entry.Platform?.Identity, entry => entry.Digest);
        var after = Index.Images.ToLookup(entry => entry.Platform?.Identity, entry => entry.Digest);
        foreach (var entry in Index.Images.Where(entry => !before[entry.Platform?.Identity].Contains(entry.Digest)))
            yield return $"{(before.Contains(entry.Platform?.Identity) ? "replace" : "add")} {entry.Platform} {entry.Digest.Short}";
        foreach (var entry in (Reading.Index?.Images ?? []).Where(entry => !after.Contains(entry.Platform?.Identity)))
            yield return $"remove {entry.Platform} {entry.Digest.Short}";
    }
}
