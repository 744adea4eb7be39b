using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Transfer;

/// <summary>How many blobs there are, and how many bytes they have.</summary>
/// <param name="Count">Blobs.</param>
/// <param name="Bytes">Bytes.</param>
public readonly record struct BlobTotal(int Count, long Bytes)
{
    internal static BlobTotal Of(IReadOnlyCollection<Descriptor> blobs) => new(blobs.Count, blobs.Sum(blob => blob.Size));

    /// <summary><c>3 blobs (2.21 MB)</c>.</summary>
    public override string ToString() => $"{Count} blob{(Count == 1 ? "" : "s")} ({ByteSize.Format(Bytes)})";
}

/// <summary>What bringing content to one place takes, as far as it is known without asking that place about each blob.</summary>
/// <param name="Sent">Blobs whose bytes are sent; in a registry, that are not there already.</param>
/// <param name="Mounted">Blobs that the registry takes from another of its repositories.</param>
/// <param name="Present">Blobs that are there already.</param>
/// <param name="Manifests">Documents that are put there.</param>
/// <param name="Requests">Requests to the source and the destination, tags included, if every blob that may have to be sent is sent.</param>
public sealed record CopyCost(BlobTotal Sent, BlobTotal Mounted, BlobTotal Present, int Manifests, int Requests)
{
    /// <summary>Nothing.</summary>
    public static CopyCost None { get; } = new(default, default, default, 0, 0);

    /// <summary>Whether the destination was asked about its blobs: a folder tells at once, a registry costs a request each.</summary>
    public bool IsExact { get; init; }

    /// <summary>What is moved and what it takes, in words.</summary>
    public override string ToString() => string.Join(", ", Parts());

    private IEnumerable<string> Parts()
    {
        if (Sent.Count > 0)
            yield return $"send {(IsExact ? "" : "up to ")}{Sent}";
        if (Mounted.Count > 0)
            yield return $"mount {Mounted}";
        if (Present.Count > 0)
            yield return $"{Present} there already";
        if (Manifests > 0)
            yield return $"put {Manifests} manifest{(Manifests == 1 ? "" : "s")}";
        yield return Requests == 1 ? "1 request" : $"{Requests} requests";
    }
}
