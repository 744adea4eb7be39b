using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>All that a copy will do; carrying it out has no decisions left.</summary>
public sealed record CopyPlan
{
    /// <summary>The name that is copied.</summary>
    public required ImageReference Source { get; init; }

    /// <summary>Where it is.</summary>
    public required IImageStore SourceStore { get; init; }

    /// <summary>The document, and what it refers to as far as that has to be brought anywhere.</summary>
    public required ContentTree Content { get; init; }

    /// <summary>The image, for a document that is no index; its names are those of the source.</summary>
    public ArchImage? Image { get; init; }

    /// <summary>The places that it is copied to.</summary>
    public required IReadOnlyList<CopyTarget> Targets { get; init; }

    /// <summary>Whether tags are moved that are not known to hold anything else.</summary>
    public required bool Force { get; init; }

    /// <summary>The document that the names will hold.</summary>
    public Manifest Document => Content.Document;

    /// <summary>The tags that move, those of referrers first: whoever finds the image finds what refers to it.</summary>
    public IReadOnlyList<TagMove> TagMoves => [.. Targets.SelectMany(target => target.ReferrerTags), .. Targets.SelectMany(Moves)];

    /// <summary>Whether all names hold the document, with all that is asked for, already.</summary>
    public bool IsNoOp => TagMoves.Count == 0 && Targets.All(target => target.Referrers.Count == 0 && !IsPutUntagged(target));

    /// <summary>What carrying the plan out does, in a sentence without its full stop; a line for each of several places.</summary>
    public string Description => CopyPlanText.Of(this);

    /// <summary>What carrying it out came to: a <see cref="FatManifest"/> or <see cref="ArchImage"/> for each name.</summary>
    public IEnumerable<object> ToObjects() => Names.Select(name => ToObject(name, Outcome(name)));

    /// <summary>The fat manifest for each name, with status <c>Planned</c>; nothing for an image, whose objects say where it is.</summary>
    public IEnumerable<object> ToPlanned() => Image is null ? Names.Select(name => ToObject(name, "Planned")) : [];

    /// <summary><c>Unchanged</c>, <c>Updated</c> or <c>Created</c>: what carrying the plan out will have done to a name.</summary>
    public string Outcome(CopyName name) => name.Held is null ? "Created" : IsHeld(name) ? "Unchanged" : "Updated";

    /// <summary>The documents that are put at a place, each behind those that it refers to.</summary>
    internal IReadOnlyList<Manifest> DocumentsFor(CopyTarget target)
    {
        var contents = target.Referrers.SelectMany(referrer => referrer.Documents);
        var indexes = target.ReferrerTags.Select(move => move.Document);
        var own = target.NeedsContent ? Content.Documents : target.Names.All(IsHeld) ? [] : [Document];
        return [.. contents.Concat(indexes).Concat(own).DistinctBy(document => document.Digest)];
    }

    /// <summary>Whether the document goes to a place under its digest only; what gets a tag there is put with it.</summary>
    internal bool IsPutUntagged(CopyTarget target) =>
        target.Names.Any(name => name.Name.Tag is null && !IsHeld(name)) && target.Names.All(name => name.Name.Tag is null || IsHeld(name));

    internal bool IsHeld(CopyName name) => name.Held == Document.Digest && !Force;

    private IEnumerable<CopyName> Names => Targets.SelectMany(target => target.Names);

    private IEnumerable<TagMove> Moves(CopyTarget target) => target.Names.Where(name => name.Name.Tag is not null && !IsHeld(name))
        .Select(name => new TagMove(target.Store, name.Name.Tag!, Document, name.Held));

    private object ToObject(CopyName name, string status) => Image is null
        ? FatManifest.Of(Named(name.Name), ImageIndex.Parse(Document)) with { PreviousDigest = name.Held?.ToString(), Status = status }
        : Image.At(Named(name.Name));

    private ImageReference Named(ImageReference name) => name.Tag is null ? name.WithDigest(Document.Digest) : name;
}
