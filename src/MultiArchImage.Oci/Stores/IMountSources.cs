using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>A place that can take blobs from others of its registry, and remembers which have them.</summary>
public interface IMountSources
{
    /// <summary>Whether a repository of the registry had a blob when last seen.</summary>
    bool MayMount(Digest digest);
}
