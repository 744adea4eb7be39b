using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Building.Daemonless;

/// <summary>Where the bytes of a file are. <paramref name="Length"/> is in bytes.</summary>
internal abstract record FileContent(long Length);

/// <summary>A file of this machine.</summary>
internal sealed record DiskContent(string Path, long Length) : FileContent(Length);

/// <summary>A file in a layer of a store, under the path that the layer has for it.</summary>
internal sealed record LayerContent(IImageStore Store, Descriptor Layer, string Path, long Length) : FileContent(Length);
