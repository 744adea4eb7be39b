using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>A place that may move several tags at once.</summary>
public interface IManyTags
{
    /// <summary>
    /// Puts a document there under its digest and asks for tags with it: a layout moves all of them under its lock; a registry those that it says
    /// it did, which today is mostly none (distribution-spec: Pushing Manifests, query parameter <c>tag</c>).
    /// </summary>
    /// <returns>The tags that moved; the others are where they were.</returns>
    Task<IReadOnlyCollection<string>> PutManyTagsAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel);
}
