using MultiArchImage.Oci.Model;

namespace MultiArchImage;

/// <summary>A text is no image reference.</summary>
public sealed class InvalidReferenceException(string text, string reason, string remedy)
    : ImageException($"'{text}' is not an image reference: {reason}", remedy)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>A document or archive is malformed, or past a bound.</summary>
public sealed class InvalidImageException(string document, string reason, Exception? innerException = null)
    : ImageException($"{document} {reason}", null, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>The bytes that came are not those that the digest names.</summary>
public sealed class DigestMismatchException(string where, Digest expected, string actual)
    : ImageException($"{where} sent other content than {expected}: {actual}", "nothing of it was kept; try again, and if it persists the store is damaged")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>A tag or digest is not there.</summary>
public sealed class ManifestNotFoundException(string reference, string? remedy = null)
    : ImageException($"{reference} was not found", remedy ?? "check the name and tag; Get-ArchImage lists what is there")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}

/// <summary>A layer or config is not there.</summary>
public sealed class BlobNotFoundException(string where, Digest digest)
    : ImageException($"{where} has no blob {digest}", "the image there is incomplete: push it again")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}

/// <summary>A folder is no OCI image layout, or a damaged one.</summary>
public sealed class InvalidLayoutException(string path, string reason, string remedy, Exception? innerException = null)
    : ImageException($"{path} is not a whole OCI image layout: {reason}", remedy, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>A file is no archive of images, or a damaged, hostile or incomplete one.</summary>
public sealed class InvalidArchiveException(string path, string reason, string remedy, Exception? innerException = null)
    : ImageException($"{path} is not a whole archive of images: {reason}", remedy, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>Several images of an archive have the tag that was asked for: images of several repositories were saved into it.</summary>
public sealed class AmbiguousTagException(string reference, IEnumerable<string> images, string archive)
    : ImageException($"{reference} means several images: {Several.Of(images)}", $"name one by its digest, which Get-ArchImage {archive} shows")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>A fat manifest cannot be put into what <c>docker load</c> reads, which has single images only.</summary>
public sealed class FatManifestNotHeldException(string reference, int count)
    : ImageException($"{reference} can hold single images, not a fat manifest of {count}", "choose one image with -Platform, or write to oci-archive:FILE, which holds them all")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotSupported;
}

/// <summary>A reference names a place that this module cannot use for what was asked.</summary>
public sealed class UnsupportedPlaceException(string reference, string remedy)
    : ImageException($"{reference} cannot be used here", remedy)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotSupported;
}

/// <summary>An image of a layout or archive says no registry name, and none was given.</summary>
public sealed class NoDestinationException(string reference)
    : ImageException($"{reference} does not say where it should be published", "give -Destination REPOSITORY")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>A name means several images, or none, where one is needed.</summary>
public sealed class NotOneImageException(string reference, int count)
    : ImageException(
        count == 0 ? $"{reference} holds no image" : $"{reference} is a fat manifest of {count} images, where one image is needed",
        "name one image, by its own tag or digest")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>A name has no image that runs on a platform.</summary>
public sealed class NoImageForPlatformException(string reference, string platform, IReadOnlyList<string> available)
    : ImageException($"{reference} has no image for {platform}; it has {Several.Of(available)}", "give -Platform, or have the missing one built")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}

/// <summary>A file of images is none, or a newer module's.</summary>
public sealed class InvalidImageFileException(string path, string reason, string remedy, Exception? innerException = null)
    : ImageException($"{path} is not a file of images: {reason}", remedy, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>A file of images is not there.</summary>
public sealed class ImageFileNotFoundException(string path)
    : ImageException($"{path} is not there", "check the path; the job before this one writes it with Export-ArchImage")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}

/// <summary>A file is there that was not to be replaced.</summary>
public sealed class FileExistsException(string path, Exception? innerException = null)
    : ImageException($"{path} is there already", "give another name, or leave -NoClobber out", innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;
}
