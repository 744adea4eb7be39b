using MultiArchImage.Building.Layers;

namespace MultiArchImage.Cmdlets.Loading;

/// <summary>Unpacks what .NET does not: the assembly that does loads with the first layer that needs it (see <see cref="ModuleAssembly"/>).</summary>
internal static class LayerUnpacking
{
    /// <summary>The bytes of a layer that is packed with zstd.</summary>
    public static Stream OpenZstd(Stream packed) => new ZstdStream(packed);
}
