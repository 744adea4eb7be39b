using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>An image that is to be an entry: a name, and what an earlier command learned of it.</summary>
public sealed record JoinSource(ImageReference Reference)
{
    /// <summary>The manifest and platform, where an earlier command of the pipeline or of another job knows them; null for a bare name.</summary>
    public Descriptor? Known { get; private init; }

    /// <summary>The platform that is taken out of the source where it is an index; null for what the request says.</summary>
    public Platform? Picked { get; init; }

    /// <summary>Whether <see cref="Known"/> was pushed or read by this process, so that nobody need look whether it is there.</summary>
    public bool WasSeen { get; private init; }

    /// <summary>What an earlier command of this process knows of the image; null for nothing.</summary>
    internal ImageFacts? Facts { get; private init; }

    /// <summary>The reference by its tag, where it has one.</summary>
    public ImageReference Name => Reference.Tag is { } tag ? Reference.WithTag(tag) : Reference;

    /// <summary>The source that an image object stands for: by digest, never by what its tag means by now.</summary>
    /// <exception cref="NotPublishedException">The image is only in the engine.</exception>
    public static JoinSource Of(ArchImage image)
    {
        var reference = ImageReference.Parse(image.Reference);
        if (!Digest.TryParse(image.Digest, out var digest))
            return image.Location == "Engine" ? throw new NotPublishedException(image.Reference) : new JoinSource(reference);
        var known = image is { MediaType: { } mediaType, ManifestSize: > 0 } && Platform.TryParse(image.Platform, out var platform)
            ? new Descriptor(mediaType, digest, image.ManifestSize) { Platform = platform }
            : null;
        return new JoinSource(reference.WithDigest(digest)) 
        {
            Known = known, WasSeen = image.WasSeen, Facts = new ImageFacts($"{digest}", image.IsSizeOfPull ? image.Size : null, image.Created),
        };
    }
}
