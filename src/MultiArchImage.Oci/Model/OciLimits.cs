namespace MultiArchImage.Oci.Model;

/// <summary>How much of a document is read before it is refused: what a hostile or broken store can make this process hold.</summary>
public static class OciLimits
{
    /// <summary>
    /// Bytes of a manifest or index. Registries should accept at least 4 MiB (distribution-spec: Pushing Manifests) and the large ones
    /// accept no more; a document over it could be pulled by nobody.
    /// </summary>
    public const int ManifestSize = 4 * 1024 * 1024;

    /// <summary>Bytes of an image configuration, which is a blob and has no limit in the specification.</summary>
    public const int ConfigSize = 8 * 1024 * 1024;

    /// <summary>Nesting of JSON: no document of the specification goes past ten.</summary>
    public const int JsonDepth = 64;
}
