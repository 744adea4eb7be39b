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

    /// <summary>Bytes of the <c>index.json</c> of a layout, which the specification does not bound; this holds some ten thousand tags.</summary>
    public const int IndexSize = 16 * 1024 * 1024;

    /// <summary>Files in an archive: a layout of ten thousand images, each with its config and a few layers of its own.</summary>
    public const int ArchiveEntries = 100_000;

    /// <summary>Characters of a name in an archive: twice what the longest digest needs, and room for the folders that some tools put before it.</summary>
    public const int ArchiveNameLength = 1024;

    /// <summary>Characters of a path in a layer, and of what a link there points to: Linux opens none that is longer (PATH_MAX).</summary>
    public const int LayerPathLength = 4096;

    /// <summary>Folders that a file of a layer lies in, one in the other: a file system of any use stays far below it.</summary>
    public const int LayerPathDepth = 128;

    /// <summary>Bytes that a compressed archive, or the layers of a base image, may unpack to: more than any image, less than a bomb of a few megabytes.</summary>
    public const long UnpackedSize = 64L * 1024 * 1024 * 1024;
}
