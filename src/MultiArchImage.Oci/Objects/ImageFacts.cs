using MultiArchImage.Oci.Model;

namespace MultiArchImage;

/// <summary>What people want to know of an image at a glance.</summary>
/// <param name="Digest">The digest of its manifest.</param>
/// <param name="Size">Bytes of its config and layers as they are pulled; null where that is not known.</param>
/// <param name="Created">When it was made, in UTC; null where that is not known.</param>
internal sealed record ImageFacts(string Digest, long? Size, DateTime? Created)
{
    public static ImageFacts Of(ImageManifest image, ImageConfig config) =>
        new($"{image.Document.Digest}", image.ContentSize, config.Created?.UtcDateTime);
}
