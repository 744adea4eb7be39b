using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores;

/// <summary>A place of files whose images carry the names in registries that they are meant for: a layout, an archive.</summary>
public interface IIntendedNames
{
    /// <summary>The name, with its tag, that the image under a tag or digest is meant for; null where the place does not say.</summary>
    Task<ImageReference?> GetIntendedNameAsync(string tagOrDigest, CancellationToken cancel);

    /// <summary>All images that the place lists, also those that no tag alone can name.</summary>
    IAsyncEnumerable<NamedImage> ListNamedAsync(CancellationToken cancel);
}
