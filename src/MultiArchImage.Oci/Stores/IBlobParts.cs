using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>
/// A place that gives a blob from any byte on. What comes is not verified: it is for takers that verify the whole themselves, as registries
/// do with what is pushed (distribution-spec: Pushing blobs, the digest parameter).
/// </summary>
internal interface IBlobParts
{
    /// <summary>The content of a blob from a byte on to its end.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="offset">The first byte, from 0.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="BlobNotFoundException">It is not there.</exception>
    /// <exception cref="DigestMismatchException">What is there has another size.</exception>
    Task<Stream> OpenPartAsync(Descriptor blob, long offset, CancellationToken cancel);
}
