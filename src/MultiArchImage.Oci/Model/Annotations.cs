namespace MultiArchImage.Oci.Model;

/// <summary>Keys of annotations and labels: image-spec: Annotations, and those that containerd and BuildKit write.</summary>
public static class Annotations
{
    /// <summary>In a layout's <c>index.json</c>: the tag. image-spec: Pre-Defined Annotation Keys.</summary>
    public const string RefName = "org.opencontainers.image.ref.name";

    /// <summary>In a layout's <c>index.json</c>: the full name, as containerd and buildx write it.</summary>
    public const string ImageName = "io.containerd.image.name";

    /// <summary>The revision of the source the image was built from.</summary>
    public const string Revision = "org.opencontainers.image.revision";

    /// <summary>The version of the packaged software.</summary>
    public const string Version = "org.opencontainers.image.version";

    /// <summary>What it is, for a person.</summary>
    public const string Description = "org.opencontainers.image.description";

    /// <summary>On an entry of an index: what it is to another entry; BuildKit writes <see cref="AttestationManifest"/>.</summary>
    public const string ReferenceType = "vnd.docker.reference.type";

    /// <summary>On an attestation entry: the digest of the image that it is about.</summary>
    public const string ReferenceDigest = "vnd.docker.reference.digest";

    /// <summary>The value of <see cref="ReferenceType"/> of provenance and SBOM entries.</summary>
    public const string AttestationManifest = "attestation-manifest";
}
