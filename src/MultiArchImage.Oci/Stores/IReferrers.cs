using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>A place that can tell which of its manifests are about another: signatures, SBOMs, attestations (image-spec: property <c>subject</c>).</summary>
public interface IReferrers
{
    /// <summary>The manifests that name the digest as their subject; none where nothing of it is there.</summary>
    /// <exception cref="InvalidImageException">There are more than any tool would write, or what lists them is malformed.</exception>
    Task<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancel);

    /// <summary>
    /// Whether the place finds referrers by itself. Where it does not, whoever puts one there must add it to the index under
    /// <see cref="ReferrersTag.Of"/> too.
    /// </summary>
    Task<bool> FindsReferrersAsync(Digest subject, CancellationToken cancel);
}
