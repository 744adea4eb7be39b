using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>A signature, SBOM or attestation of a manifest that is copied.</summary>
/// <param name="Subject">The manifest that it is about.</param>
/// <param name="Entry">How lists refer to it.</param>
/// <param name="Tree">Its document and what that refers to.</param>
/// <param name="Tag">The tag that it is found by (cosign's); null where it is found by its subject.</param>
public sealed record Referrer(Digest Subject, Descriptor Entry, ImageTree Tree, string? Tag = null);
