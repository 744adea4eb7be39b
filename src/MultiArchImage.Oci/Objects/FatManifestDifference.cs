namespace MultiArchImage;

/// <summary>What differs between two fat manifests for one platform. The first is the reference, the second the difference, as in Compare-Object.</summary>
public sealed record FatManifestDifference
{
    /// <summary>What <see cref="Platform"/> is where the difference is of the index itself: its type, annotations or attestations.</summary>
    public const string Index = "(index)";

    /// <summary><c>os/arch[/variant]</c>; <c>(index)</c> for the index itself, <c>(none)</c> for entries without a platform.</summary>
    public string Platform { get; init; } = "";

    /// <summary><c>Same</c>, <c>Added</c>, <c>Removed</c> or <c>Changed</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The digest in the first; null where it has no such entry.</summary>
    public string? ReferenceDigest { get; init; }

    /// <summary>The digest in the second; null where it has no such entry.</summary>
    public string? DifferenceDigest { get; init; }

    /// <summary>By how many bytes the image grew, as pulled; null where it was not changed, or one of the two could not be read.</summary>
    public long? SizeDelta { get; init; }

    /// <summary>Layers that only the second has; null where <see cref="SizeDelta"/> is.</summary>
    public int? LayersAdded { get; init; }

    /// <summary>Layers that only the first has; null where <see cref="SizeDelta"/> is.</summary>
    public int? LayersRemoved { get; init; }

    /// <summary>What changed, a line each: <c>label x: '1' -> '2'</c>.</summary>
    public IReadOnlyList<string> Changes { get; init => field = value.ToArray(); } = [];

    /// <summary>Whether the two do not differ here.</summary>
    public bool IsSame => Status == "Same";

    /// <inheritdoc/>
    public bool Equals(FatManifestDifference? other) => other is not null && Scalars(this).Equals(Scalars(other)) && Changes.SequenceEqual(other.Changes);

    /// <inheritdoc/>
    public override int GetHashCode() => Scalars(this).GetHashCode();

    /// <summary>Platform and status.</summary>
    public override string ToString() => $"{Platform}: {Status}";

    private static object Scalars(FatManifestDifference difference) => (
        difference.Platform, difference.Status, difference.ReferenceDigest, difference.DifferenceDigest, difference.SizeDelta,
        difference.LayersAdded, difference.LayersRemoved);
}
