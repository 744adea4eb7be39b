using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Oci.FatManifests.Updating;

/// <summary>What an update would do to what the name holds now; other writers may change that before it is carried out.</summary>
public sealed class UpdatePlan
{
    internal UpdatePlan(UpdateRequest request, ImageReference target, TagUpdate update, TagReading reading, IndexEdit edit)
    {
        (Request, Target, Update, Reading) = (request, target, update, reading);
        Index = edit.Apply(reading.Index);
        Moves = EntryMove.To(target, edit.Images);
        Images = [.. edit.Images.Select(image => image.Facts).OfType<ImageFacts>()];
    }

    /// <summary>The name.</summary>
    public ImageReference Target { get; }

    /// <summary>The document as it would be.</summary>
    public ImageIndex Index { get; }

    /// <summary>What the name holds; null for nothing.</summary>
    public Digest? Previous => Reading.Index?.Digest;

    /// <summary>Whether the name holds all of it already.</summary>
    public bool IsNoOp => Previous == Index.Digest;

    /// <summary>What carrying the plan out does, in a sentence without its full stop.</summary>
    public string Description => $"Update {Target} to {Index.Digest.Short}, {(Previous is null ? "which holds nothing yet" : $"in place of {Previous.Short}")}";

    /// <summary>The same with what becomes of each platform, a line each.</summary>
    public string Detail => string.Join(Environment.NewLine + "  ", [Description, .. EntryChanges.Between(Reading.Index, Index)]);

    internal UpdateRequest Request { get; }

    internal TagUpdate Update { get; }

    internal TagReading Reading { get; }

    internal IReadOnlyList<EntryMove> Moves { get; }

    internal IReadOnlyList<ImageFacts> Images { get; }

    /// <summary>Holds the plan against what registries that count pulls allow.</summary>
    /// <exception cref="PullBudgetException">One allows less.</exception>
    internal void RequirePulls() => PullBudget.Require(Moves.Select(move => (move.Source, move.Pulls)));

    /// <summary>The fat manifest as it would be, with status <c>Planned</c>.</summary>
    public FatManifest ToPlanned() => FatManifest.Of(Target, Index).With(Images) with { PreviousDigest = Previous?.ToString(), Status = "Planned" };
}
