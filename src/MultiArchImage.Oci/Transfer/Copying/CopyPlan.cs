using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>All that a copy will do; carrying it out has no decisions left.</summary>
public sealed record CopyPlan
{
    /// <summary>What is copied, by tag or digest.</summary>
    public required ImageReference Source { get; init; }

    /// <summary>Where it is.</summary>
    public required IImageStore From { get; init; }

    /// <summary>The document, with those under it where they have to be copied.</summary>
    public required ImageTree Tree { get; init; }

    /// <summary>What comes along, for each place that lacks some of it.</summary>
    public IReadOnlyList<ReferrerMove> Referrers { get; init; } = [];

    /// <summary>The names that it gets.</summary>
    public required IReadOnlyList<CopyTarget> Targets { get; init; }

    /// <summary>The digest that the names will hold.</summary>
    public Digest Digest => Tree.Document.Digest;

    /// <summary>The names that do not hold it yet.</summary>
    public IEnumerable<CopyTarget> Changing => Targets.Where(target => target.Previous != Digest);

    /// <summary>Whether all names hold it already, with all that comes along.</summary>
    public bool IsNoOp => !Changing.Any() && Referrers.Count == 0;

    /// <summary>The places that its content has to be brought to.</summary>
    internal IEnumerable<IImageStore> Places => Changing.Select(target => target.Store).Where(store => store.Place != From.Place).Distinct();

    /// <summary>The places that something is brought to: the content, or what is about it.</summary>
    internal IEnumerable<IImageStore> Receiving => Places.Union(Referrers.Select(move => move.Store));

    /// <summary>
    /// Another place that the registry of a place can mount the content from: the first one there that it is brought to; null where there is none, or
    /// where the source itself is in that registry.
    /// </summary>
    internal ImageReference? MountFrom(IImageStore place)
    {
        var first = place.Place.IsFile || place.Place.Registry == From.Place.Registry ? null
            : Places.FirstOrDefault(other => !other.Place.IsFile && other.Place.Registry == place.Place.Registry);
        return first == place ? null : first?.Place;
    }

    /// <summary>What is brought to a place beside the content itself.</summary>
    internal IReadOnlyList<Referrer> ReferrersFor(IImageStore place) => Referrers.FirstOrDefault(move => move.Store == place)?.Missing ?? [];

    /// <summary>What becomes of a name.</summary>
    public string Outcome(CopyTarget target) => target.Previous == Digest ? "Unchanged" : target.Previous is null ? "Created" : "Updated";
}

/// <summary>A name that something is copied to.</summary>
/// <param name="Store">Where it is.</param>
/// <param name="Name">The name, with a tag or, where it gets none, with the digest.</param>
/// <param name="Previous">What it holds; null for nothing, or where nobody looked.</param>
/// <param name="WasLookedAt">Whether somebody looked.</param>
public sealed record CopyTarget(IImageStore Store, ImageReference Name, Digest? Previous, bool WasLookedAt)
{
    /// <summary>The tag that moves; null where the digest is all that is asked for.</summary>
    public string? Tag => Name.Digest is null ? Name.Tag : null;
}
