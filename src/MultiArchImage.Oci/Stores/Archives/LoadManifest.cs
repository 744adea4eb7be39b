using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// The <c>manifest.json</c> that <c>docker load</c> looks for, over the blobs of a layout in the same tar, as engines with containerd's store write it.
/// Engines since 1.10 read it, and layers that are packed too, so that the image keeps its digests on the way.
/// </summary>
internal static class LoadManifest
{
    // An image with its attestations lies one deep. How deep another writer nested it is his choice.
    private const int MaximumDepth = 4;

    /// <summary>Checks that a document is one image, alone or with its attestations.</summary>
    /// <exception cref="FatManifestNotHeldException">It is a fat manifest of several.</exception>
    public static void RequireOneImage(Manifest manifest, string reference)
    {
        if (manifest.IsIndex && ImageIndex.Parse(manifest).Images.Count() is var count and not 1)
            throw new FatManifestNotHeldException(reference, count) { Subject = reference };
    }

    /// <summary>The document for the images of an index, in its order.</summary>
    /// <param name="index">What the archive will hold.</param>
    /// <param name="read">Reads a document of the archive.</param>
    public static async Task<byte[]> CreateAsync(LayoutIndex index, Func<Digest, Task<Manifest?>> read)
    {
        var images = new JArray();
        foreach (var digest in index.Manifests.Select(entry => entry.Digest).Distinct())
        {
            if (await FindImageAsync(digest, read).ConfigureAwait(false) is { } image)
                images.Add(Describe(image, index.NamesOf(digest)));
        }
        return Json.ToBytes(images);
    }

    private static async Task<ImageManifest?> FindImageAsync(Digest digest, Func<Digest, Task<Manifest?>> read)
    {
        for (var depth = 0; depth < MaximumDepth; depth++)
        {
            var document = await read(digest).ConfigureAwait(false);
            if (document is not { IsIndex: true })
                return document is not null && MediaTypes.IsImageManifest(document.MediaType) && ImageManifest.Parse(document) is { IsImage: true } image ? image : null;
            if (ImageIndex.Parse(document).Images.ToList() is not [var only])
                return null;
            digest = only.Digest;
        }
        return null;
    }

    private static JObject Describe(ImageManifest image, IEnumerable<string> names) => new()
    {
        ["Config"] = ArchiveContent.BlobName(image.Config.Digest),
        ["RepoTags"] = new JArray(names),
        ["Layers"] = new JArray(image.Layers.Select(layer => ArchiveContent.BlobName(layer.Digest))),
    };
}
