using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>What can be read of an image through any <see cref="IImageStore"/>.</summary>
public static class ImageReading
{
    /// <summary>The config of an image.</summary>
    /// <exception cref="InvalidImageException">It is larger than <see cref="OciLimits.ConfigSize"/>, or no image's config.</exception>
    public static async Task<ImageConfig> ReadConfigAsync(this IImageStore store, ImageManifest image, CancellationToken cancel)
    {
        var name = $"{store.Place}@{image.Document.Digest.Short}";
        if (!image.IsImage)
            throw new InvalidImageException(name, $"is an artifact of type '{image.Config.MediaType}', not an image");
        if (image.Config.Size > OciLimits.ConfigSize)
            throw new InvalidImageException(name, $"has a config of {image.Config.Size} bytes; more than {OciLimits.ConfigSize} are refused");
        var bytes = new byte[image.Config.Size];
        var content = await store.OpenBlobAsync(image.Config, cancel).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            await content.ReadExactlyAsync(bytes, cancel).ConfigureAwait(false);
            // One read more, at the end: that is where the content is held against its digest.
            _ = await content.ReadAsync(new byte[1], cancel).ConfigureAwait(false);
        }
        return ImageConfig.Parse(bytes, name);
    }
}
