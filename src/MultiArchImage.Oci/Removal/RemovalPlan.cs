using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Removal;

/// <summary>All that removing something will do; carrying it out has no decisions left.</summary>
public sealed record RemovalPlan
{
    /// <summary>Where it is.</summary>
    public required IImageStore Store { get; init; }

    /// <summary>What is removed: a tag, or a digest.</summary>
    public required ImageReference Reference { get; init; }

    /// <summary>The tag that is deleted alone; null where it goes with the first of <see cref="Manifests"/> (distribution-spec: Deleting Manifests).</summary>
    public string? Tag { get; init; }

    /// <summary>The manifests that are deleted, in order: what refers to others before these.</summary>
    public IReadOnlyList<RemovedManifest> Manifests { get; init; } = [];

    /// <summary>The manifests that belong to it and stay; those below one that stays anyway are not told apart.</summary>
    public IReadOnlyList<KeptManifest> Kept { get; init; } = [];

    /// <summary>What carrying the plan out does, in a sentence without its full stop.</summary>
    public string Description
    {
        get
        {
            var what = Tag is not null ? $"Remove the tag {Reference}" : $"Remove {Reference}: {string.Join(", ", Manifests)}";
            return Kept.Count == 0 ? what : $"{what}; {string.Join(", ", Kept)}";
        }
    }
}

/// <summary>A manifest that is deleted.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Kind">What it is: <c>fat manifest</c>, <c>image</c>, <c>linux/arm64</c>, <c>attestation</c>.</param>
public sealed record RemovedManifest(Digest Digest, string Kind)
{
    /// <summary>Kind and digest, for a person.</summary>
    public override string ToString() => $"{Kind} {Digest.Short}";
}

/// <summary>A manifest that stays.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Kind">What it is, as of <see cref="RemovedManifest"/>.</param>
/// <param name="Users">The tags that need it.</param>
public sealed record KeptManifest(Digest Digest, string Kind, IReadOnlyList<string> Users)
{
    /// <summary>Kind, digest and why, for a person.</summary>
    public override string ToString() => $"{Kind} {Digest.Short} stays for {string.Join(", ", Users)}";
}
