using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores;

/// <summary>
/// A place that holds images: a repository of a registry, an OCI image layout. What copies, verifies or joins images sees this page and
/// cannot tell one from the other. Everything that comes out was hashed against the digest that asked for it.
/// </summary>
public interface IImageStore
{
    /// <summary>The place, without tag or digest.</summary>
    ImageReference Place { get; }

    /// <summary>Media type, digest and size of a tag or digest; null where it is not there. From a registry by HEAD, which costs no pull.</summary>
    Task<Descriptor?> ResolveAsync(string tagOrDigest, CancellationToken cancel);

    /// <summary>The document of a tag or digest.</summary>
    /// <exception cref="ManifestNotFoundException">It is not there.</exception>
    Task<Manifest> GetManifestAsync(string tagOrDigest, CancellationToken cancel);

    /// <summary>Puts a document there under its digest and under the tags, if any; the tags are moved last.</summary>
    Task PutManifestAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel);

    /// <summary>Whether a blob is there.</summary>
    Task<bool> HasBlobAsync(Digest digest, CancellationToken cancel);

    /// <summary>
    /// The content of a blob. Reading past the end of a blob that is not what its digest says throws <see cref="DigestMismatchException"/>.
    /// </summary>
    /// <exception cref="BlobNotFoundException">It is not there.</exception>
    Task<Stream> OpenBlobAsync(Descriptor blob, CancellationToken cancel);

    /// <summary>Brings a blob there, by the cheapest way there is; nothing is sent where it is there already.</summary>
    Task<BlobTransfer> PutBlobAsync(Descriptor blob, BlobSource source, CancellationToken cancel);

    /// <summary>All tags, in the order the place has them.</summary>
    IAsyncEnumerable<string> ListTagsAsync(CancellationToken cancel);
}
