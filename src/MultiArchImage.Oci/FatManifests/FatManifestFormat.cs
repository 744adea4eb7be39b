namespace MultiArchImage;

/// <summary>What document a fat manifest is.</summary>
public enum FatManifestFormat
{
    /// <summary>A Docker manifest list where all entries are Docker images and nothing needs an index; an OCI index otherwise.</summary>
    Auto,

    /// <summary>A Docker manifest list.</summary>
    Docker,

    /// <summary>An OCI image index.</summary>
    Oci,
}
