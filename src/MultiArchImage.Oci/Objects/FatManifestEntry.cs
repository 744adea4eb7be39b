namespace MultiArchImage;

/// <summary>One entry of a fat manifest. Scalars only, so that it survives JSON at PowerShell's default depth.</summary>
public sealed record FatManifestEntry
{
    /// <summary>The name that other commands take, by digest: <c>akraino/validation@sha256:…</c>.</summary>
    public string Reference { get; init; } = "";

    /// <summary><c>os/arch[/variant]</c>; empty where the entry has none.</summary>
    public string Platform { get; init; } = "";

    /// <summary>The digest of the entry's manifest.</summary>
    public string Digest { get; init; } = "";

    /// <summary>The media type of the entry's manifest.</summary>
    public string MediaType { get; init; } = "";

    /// <summary>Bytes of the entry's manifest document.</summary>
    public long Size { get; init; }

    /// <summary>Bytes of the image's config and layers as they are pulled; null where nobody looked.</summary>
    public long? ImageSize { get; init; }

    /// <summary>When the image was made, in UTC; null where it does not say or nobody looked.</summary>
    public DateTime? Created { get; init; }

    /// <summary><c>Image</c>, or <c>Attestation</c> for provenance and SBOMs of another entry.</summary>
    public string Kind { get; init; } = "Image";

    /// <summary>The reference.</summary>
    public override string ToString() => Reference;
}
