namespace MultiArchImage.Oci.Naming;

/// <summary>Where a reference says that an image lives.</summary>
public enum ReferenceKind
{
    /// <summary>A name as Docker has it: of a registry, and of the engine's copy.</summary>
    Name,

    /// <summary><c>oci:PATH[:TAG]</c>: an OCI image layout, a folder.</summary>
    OciLayout,

    /// <summary><c>oci-archive:FILE[:TAG]</c>: an OCI image layout in a tar file.</summary>
    OciArchive,

    /// <summary><c>docker-archive:FILE[:TAG]</c>: what <c>docker save</c> writes.</summary>
    DockerArchive,
}
