using System.Collections.Concurrent;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;

namespace MultiArchImage.Oci.Stores;

/// <summary>Opens the place that a reference names; the same place gives the same store.</summary>
public sealed class ImageStores(RegistryClient registries)
{
    private readonly ConcurrentDictionary<string, IImageStore> _open = new(StringComparer.Ordinal);

    /// <summary>The store at a place: a repository of a registry, or a layout.</summary>
    /// <param name="reference">Its place counts; for a layout, <paramref name="repository"/> is the name that its images are meant for.</param>
    /// <param name="repository">The registry name for which images of a layout are meant; null where there is none.</param>
    /// <exception cref="UnsupportedPlaceException">Images there cannot be read or written by this module.</exception>
    public IImageStore Open(ImageReference reference, ImageReference? repository = null) => reference.Kind switch
    {
        ReferenceKind.Name => _open.GetOrAdd(reference.Place.FullName, _ => registries.Open(reference.Place)),
        ReferenceKind.OciLayout => _open.GetOrAdd($"{reference.Place.FullName}\0{repository?.Place.FullName}", _ => new LayoutStore(reference.Path, repository?.Place)),
        _ => throw new UnsupportedPlaceException($"{reference}"),
    };
}
