using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>Tags of one place that are to hold a document.</summary>
/// <param name="Store">Where the tags are.</param>
/// <param name="Document">What they are to hold; all that it refers to is there.</param>
/// <param name="Tags">The tags; none where the document is to be there by its digest only.</param>
/// <param name="Previous">What they hold, by tag, those that hold nothing left out; null where nobody looked.</param>
internal sealed record NameMove(IImageStore Store, Manifest Document, IReadOnlyList<string> Tags, IReadOnlyDictionary<string, Digest>? Previous)
{
    /// <summary>A tag with its place.</summary>
    public ImageReference NameOf(string tag) => Store.Place.WithTag(tag);
}
