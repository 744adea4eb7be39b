using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>The manifest and config of an image.</summary>
internal sealed record ImageContent(ImageManifest Image, ImageConfig Config)
{
    /// <summary>Reads an image; null where it is not there any more, or is no image.</summary>
    public static async Task<ImageContent?> ReadAsync(IImageStore store, string digest, CancellationToken cancel)
    {
        try
        {
            var document = await store.GetManifestAsync(digest, cancel).ConfigureAwait(false);
            if (!MediaTypes.IsImageManifest(document.MediaType))
                return null;
            var image = ImageManifest.Parse(document);
            return image.IsImage ? new ImageContent(image, await store.ReadConfigAsync(image, cancel).ConfigureAwait(false)) : null;
        }
        catch (ImageException failure) when (failure is ManifestNotFoundException or RepositoryNotFoundException or BlobNotFoundException)
        {
            return null;
        }
    }
}
