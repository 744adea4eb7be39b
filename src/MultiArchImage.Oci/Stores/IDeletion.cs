using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>A place from which tags and manifests can be deleted (distribution-spec: Content Management).</summary>
public interface IDeletion
{
    /// <summary>What each tag holds: what must not be deleted, and what leads to it. From a registry one HEAD a tag.</summary>
    Task<IReadOnlyList<HeldTag>> ReadTagsAsync(CancellationToken cancel);

    /// <summary>
    /// Deletes a tag and only it: what it held stays, under its digest and its other tags. False, with nothing done, where there is no such tag.
    /// </summary>
    /// <exception cref="DeletionDisabledException">The place lets nobody delete; the tag is as it was.</exception>
    /// <exception cref="TagNotDeletedException">It failed half-way; the message says what the tag holds.</exception>
    Task<bool> DeleteTagAsync(string tag, CancellationToken cancel);

    /// <summary>
    /// Deletes a manifest, and with it every tag that holds it; in a layout also its blobs that nothing else there needs, which a registry collects
    /// in its own time. False, with nothing done, where there is no such manifest.
    /// </summary>
    /// <exception cref="DeletionDisabledException">The place lets nobody delete.</exception>
    Task<bool> DeleteManifestAsync(Digest digest, CancellationToken cancel);
}
