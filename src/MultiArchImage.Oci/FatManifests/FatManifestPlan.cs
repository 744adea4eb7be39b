using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>All that publishing a fat manifest will do; carrying it out has no decisions left.</summary>
public sealed record FatManifestPlan
{
    /// <summary>Where it goes.</summary>
    public required IImageStore Store { get; init; }

    /// <summary>Its name, with the first tag.</summary>
    public required ImageReference Target { get; init; }

    /// <summary>All tags that it gets.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The document.</summary>
    public required ImageIndex Index { get; init; }

    /// <summary>Entries that are elsewhere and are brought to <see cref="Store"/> first.</summary>
    public required IReadOnlyList<EntryMove> Moves { get; init; }

    /// <summary>What each tag holds now; a tag that holds nothing, or that nobody looked at, is absent.</summary>
    public required IReadOnlyDictionary<string, Digest> Previous { get; init; }

    /// <summary>Whether a tag that is absent from <see cref="Previous"/> is known to hold nothing.</summary>
    public required bool WasLookedAt { get; init; }

    /// <summary>What is kept of what the tags held, by the tag that keeps it.</summary>
    public IReadOnlyDictionary<string, Digest> Kept { get; init; } = new Dictionary<string, Digest>();

    /// <summary>Whether tags are pushed that hold the document already.</summary>
    public bool Force { get; init; }

    /// <summary>The tags that do not hold the document yet.</summary>
    public IReadOnlyList<string> TagsToPush => Force ? Tags : [.. Tags.Where(tag => Previous.GetValueOrDefault(tag) != Index.Digest)];

    /// <summary><c>Unchanged</c>, <c>Updated</c> or <c>Created</c>: what carrying the plan out will have done.</summary>
    public string Outcome => TagsToPush.Count == 0 ? "Unchanged" : PreviousDigest is null ? "Created" : "Updated";

    /// <summary>What the first tag held that is replaced; null where it held nothing.</summary>
    public Digest? PreviousDigest => Previous.GetValueOrDefault(Tags[0]);

    /// <summary>What is known of its images.</summary>
    internal IReadOnlyList<ImageFacts> Images { get; init; } = [];

    /// <summary>Holds the plan against what registries that count pulls allow.</summary>
    /// <exception cref="PullBudgetException">One allows less.</exception>
    internal void RequirePulls() => PullBudget.Require(Moves.Select(move => (move.Source, move.Pulls)).Append((Store, Kept.Count)));

    /// <summary>The fat manifest as it will be, with a status.</summary>
    public FatManifest ToFatManifest(string status) =>
        FatManifest.Of(Target, Index).With(Images) with { PreviousDigest = PreviousDigest?.ToString(), Status = status };
}
