using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>A tag that is to hold a document.</summary>
/// <param name="Store">Where the tag is.</param>
/// <param name="Tag">The tag.</param>
/// <param name="Document">What it is to hold; all that it refers to is there.</param>
/// <param name="Previous">What it holds now; null where it holds nothing, or nobody looked.</param>
public sealed record TagMove(IImageStore Store, string Tag, Manifest Document, Digest? Previous)
{
    /// <summary>The tag with its place.</summary>
    public ImageReference Name => Store.Place.WithTag(Tag);
}
