using MultiArchImage.Oci.Layers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Executables;

/// <summary>
/// The files of an image as a container would have them, looked for from the top layer down: what is found above spares the layers below, which
/// are mostly the larger ones.
/// </summary>
internal sealed class ImageFiles : IAsyncDisposable
{
    // What Linux follows before it says ELOOP.
    private const int MaximumLinks = 40;
    private readonly IReadOnlyList<LayerFiles> _layers;

    public ImageFiles(ImageManifest image, IImageStore store, CancellationToken cancel)
    {
        var budget = new ReadingBudget();
        _layers = [.. image.Layers.Reverse().Select(layer => new LayerFiles(layer, store, budget, cancel))];
    }

    /// <summary>
    /// The file at the first of the paths that has one in the topmost layer that has any; null where none is there. Links are followed inside
    /// the image, as if it were the root of the machine.
    /// </summary>
    /// <exception cref="InvalidImageException">A layer that had to be read cannot be.</exception>
    public Task<ImageFile?> FindAsync(IEnumerable<string> paths) => FindAsync(paths, MaximumLinks);

    /// <summary>The first ELF program of the topmost layer that has one which no layer above takes away; null where the image has none.</summary>
    /// <exception cref="InvalidImageException">A layer that had to be read cannot be.</exception>
    public async Task<ImageFile?> FirstProgramAsync()
    {
        foreach (var layer in _layers)
        {
            await foreach (var program in layer.ProgramsAsync().ConfigureAwait(false))
            {
                if (await FindAsync([program.Path]).ConfigureAwait(false) is { } seen && seen.Layer == layer.Digest)
                    return seen;
            }
        }
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var layer in _layers)
            await layer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<ImageFile?> FindAsync(IEnumerable<string> paths, int links)
    {
        var open = paths.ToList();
        foreach (var layer in _layers)
        {
            foreach (var path in open.ToList())
            {
                var entry = await layer.LookAsync(path).ConfigureAwait(false);
                if (entry is FileEntry file)
                    return new ImageFile(file, layer.Digest);
                if (entry is LinkEntry link && links > 0 && await FindAsync([link.Target], links - 1).ConfigureAwait(false) is { } linked)
                    return linked;
                if (entry is not null)
                    open.Remove(path);
            }
            if (open.Count == 0)
                return null;
        }
        return null;
    }
}

/// <summary>A file of an image.</summary>
/// <param name="Entry">The file.</param>
/// <param name="Layer">The layer that has it.</param>
internal sealed record ImageFile(FileEntry Entry, Digest Layer);
