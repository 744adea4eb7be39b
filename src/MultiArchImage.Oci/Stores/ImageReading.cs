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
        var bytes = await store.ReadBlobAsync(image.Config, cancel).ConfigureAwait(false);
        return ImageConfig.Parse(bytes, name);
    }

    /// <summary>The bytes of a blob that is known to be small.</summary>
    /// <exception cref="DigestMismatchException">It is not what its digest says.</exception>
    internal static async Task<byte[]> ReadBlobAsync(this IImageStore store, Descriptor blob, CancellationToken cancel)
    {
        var content = await store.OpenBlobAsync(blob, cancel).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
            return await content.ReadVerifiedAsync(blob, cancel).ConfigureAwait(false);
    }

    /// <summary>The bytes of a <see cref="VerifyingStream"/>.</summary>
    /// <exception cref="DigestMismatchException">They are not what the digest says.</exception>
    internal static async Task<byte[]> ReadVerifiedAsync(this Stream content, Descriptor blob, CancellationToken cancel)
    {
        var bytes = new byte[blob.Size];
        // One read more, at the end: that is where the content is held against its digest.
        if (await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false) == bytes.Length)
            _ = await content.ReadAsync(new byte[1], cancel).ConfigureAwait(false);
        return bytes;
    }
}
