using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Building.Daemonless;

/// <summary>A folder for what a build needs until it is over: layers of registries, files taken out of layers, packed layers.</summary>
internal sealed class Workspace : IDisposable
{
    // A list of users is small; what is larger is none.
    private const int TextSize = 4 * 1024 * 1024;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("multiarchimage-build-");
    private readonly LayoutStore _layers;

    public Workspace() => _layers = new LayoutStore(Path.Combine(_folder.FullName, "layers"));

    /// <summary>The folder, absolute.</summary>
    public string Folder => _folder.FullName;

    /// <summary>A store on this machine that has the layer: it is fetched from a registry once, however often it is read.</summary>
    public async Task<IImageStore> BringNearAsync(Descriptor layer, IImageStore store, CancellationToken cancel)
    {
        if (store.Place.IsFile)
            return store;
        await _layers.PutBlobAsync(layer, new BlobSource(token => store.OpenBlobAsync(layer, token), store.Place), cancel).ConfigureAwait(false);
        return _layers;
    }

    /// <summary>The nearest store that has the layer now.</summary>
    public async Task<IImageStore> NearestAsync(Descriptor layer, IImageStore store, CancellationToken cancel) =>
        !store.Place.IsFile && await _layers.HasBlobAsync(layer.Digest, cancel).ConfigureAwait(false) ? _layers : store;

    /// <summary>The entries with the content of each as a file: what lies in a layer is taken out, in one pass for each layer.</summary>
    public async Task<IReadOnlyList<TreeEntry>> ExtractAsync(IReadOnlyList<TreeEntry> entries, CancellationToken cancel)
    {
        var extracted = new Dictionary<LayerContent, DiskContent>();
        foreach (var layer in entries.Select(entry => entry.Content).OfType<LayerContent>().ToLookup(content => (content.Store, content.Layer)))
        {
            var paths = layer.Select(content => content.Path).ToHashSet(StringComparer.Ordinal);
            var files = await LayerReader.ExtractAsync(layer.Key.Layer, paths, layer.Key.Store, Folder, cancel).ConfigureAwait(false);
            foreach (var content in layer)
                extracted[content] = files[content.Path];
        }
        return [.. entries.Select(entry => entry.Content is LayerContent content ? entry with { Content = extracted[content] } : entry)];
    }

    /// <summary>The lines of a small file of a tree; none where it is not there.</summary>
    public async Task<IReadOnlyList<string>> ReadLinesAsync(FileTree tree, string path, CancellationToken cancel)
    {
        if (tree.Resolve(path) is not { } real || tree.FindFile(real) is not { Content.Length: <= TextSize } file)
            return [];
        var entries = await ExtractAsync([file], cancel).ConfigureAwait(false);
        return await File.ReadAllLinesAsync(((DiskContent)entries[0].Content!).Path, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
