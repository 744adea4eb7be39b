using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>A registry that may keep a list of what is about a manifest: signatures, SBOMs, attestations.</summary>
public interface IReferrersApi
{
    /// <summary>
    /// What states the manifest as its subject (distribution-spec: Listing Referrers); null where the registry keeps no such list, and the tag of the
    /// manifest's digest has it instead (distribution-spec: Referrers Tag Schema).
    /// </summary>
    Task<IReadOnlyList<Descriptor>?> TryListReferrersAsync(Digest subject, CancellationToken cancel);
}
