using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Stores.Archives;

namespace MultiArchImage.Oci.Stores;

/// <summary>Opens the place that a reference names; the same place gives the same store.</summary>
public sealed class ImageStores(RegistryClient registries) : IDisposable
{
    // A store may be asked for by several at once, and an archive's leaves files behind that only it knows: none is made in vain.
    private readonly ConcurrentDictionary<string, Lazy<IImageStore>> _open = new(StringComparer.Ordinal);

    /// <summary>The store at a place: a repository of a registry, a layout or an archive.</summary>
    /// <param name="reference">Its place counts; for files, <paramref name="repository"/> is the name that its images are meant for.</param>
    /// <param name="repository">The registry name for which images put into a layout or archive are meant; null where there is none.</param>
    public IImageStore Open(ImageReference reference, ImageReference? repository = null)
    {
        var place = reference.Place;
        var meant = place.IsFile ? repository?.Place : null;
        return _open.GetOrAdd($"{place.FullName}\0{meant?.FullName}", _ => new Lazy<IImageStore>(() => Open(place, meant, registries))).Value;
    }

    /// <summary>The repositories of a registry that a pattern with wildcards means.</summary>
    /// <exception cref="InvalidReferenceException">The pattern does not name a registry.</exception>
    /// <exception cref="RepositoriesNotListedException">The registry does not tell which it has.</exception>
    internal async IAsyncEnumerable<ImageReference> FindPlacesAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        var registry = pattern.RequireRegistry();
        await foreach (var repository in registries.ListRepositoriesAsync(registry, cancel).ConfigureAwait(false))
        {
            var place = ImageReference.Parse($"{registry}/{repository}");
            if (pattern.IsPlaceMatch(place))
                yield return place;
        }
    }

    /// <summary>Removes what archives have waiting.</summary>
    public void Dispose()
    {
        foreach (var store in _open.Values.Where(store => store.IsValueCreated))
            (store.Value as IDisposable)?.Dispose();
    }

    private static IImageStore Open(ImageReference place, ImageReference? repository, RegistryClient registries) => place.Kind switch
    {
        ReferenceKind.Name => registries.Open(place),
        ReferenceKind.OciLayout => new LayoutStore(place.Path, repository),
        _ => new ArchiveStore(place, repository),
    };
}
