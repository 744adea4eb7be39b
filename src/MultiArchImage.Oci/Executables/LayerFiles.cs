using System.Formats.Tar;
using MultiArchImage.Oci.Layers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Executables;

/// <summary>The paths of one layer, read no further than to what somebody looks for; what was passed on the way is kept.</summary>
internal sealed class LayerFiles(Descriptor layer, IImageStore store, ReadingBudget budget, CancellationToken cancel) : IAsyncDisposable
{
    private readonly Dictionary<string, LayerEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<FileEntry> _programs = [];
    // Whiteouts are about the layers below only, wherever they stand (image-spec: Whiteouts).
    private readonly HashSet<string> _whitedOut = new(StringComparer.Ordinal);
    private readonly byte[] _head = new byte[ProgramHead.Size];
    private IAsyncEnumerator<TarEntry>? _unread;
    private bool _isRead;

    /// <summary>The layer.</summary>
    public Digest Digest => layer.Digest;

    /// <summary>What the layer says of a path; null where it says nothing, and the layer below has the word.</summary>
    /// <exception cref="InvalidImageException">The layer cannot be read.</exception>
    public async Task<LayerEntry?> LookAsync(string path)
    {
        LayerEntry? entry;
        while (!_entries.TryGetValue(path, out entry) && await ReadNextAsync().ConfigureAwait(false))
        {
        }
        return entry ?? ImagePath.Above(path).Select(folder => Through(folder, path)).FirstOrDefault(found => found is not null)
            ?? (_whitedOut.Contains(path) ? NothingEntry.Instance : null);
    }

    /// <summary>
    /// The ELF files that somebody may run, in the order of the archive. Not Windows programs: installers of other systems carry those for all
    /// machines.
    /// </summary>
    /// <exception cref="InvalidImageException">The layer cannot be read.</exception>
    public async IAsyncEnumerable<FileEntry> ProgramsAsync()
    {
        for (var index = 0; index < _programs.Count || await ReadNextAsync().ConfigureAwait(false);)
        {
            if (index < _programs.Count)
                yield return _programs[index++];
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _unread?.DisposeAsync() ?? ValueTask.CompletedTask;

    // What a folder on the way says: it may be a link to another, or no folder at all, or emptied.
    private LayerEntry? Through(string folder, string path) => _entries.GetValueOrDefault(folder) switch
    {
        LinkEntry link => new LinkEntry(ImagePath.Resolve(link.Target, path[(folder.Length + 1)..])),
        FileEntry => NothingEntry.Instance,
        _ => _whitedOut.Contains(folder) || _whitedOut.Contains($"{folder}/") ? NothingEntry.Instance : null,
    };

    private async Task<bool> ReadNextAsync()
    {
        if (_isRead)
            return false;
        if (MediaTypes.IsNonDistributable(layer.MediaType))
            throw new InvalidImageException($"layer {layer.Digest.Short}", "is not distributed with the image");
        _unread ??= LayerArchive.ReadAsync(layer, store, cancel).GetAsyncEnumerator(cancel);
        if (!await _unread.MoveNextAsync().ConfigureAwait(false))
        {
            _isRead = true;
            return false;
        }
        var entry = _unread.Current;
        budget.Spend(entry, layer);
        await KeepAsync(LayerArchive.CleanPath(entry.Name, layer), entry).ConfigureAwait(false);
        return true;
    }

    private async Task KeepAsync(string path, TarEntry entry)
    {
        var (folder, name) = (ImagePath.Folder(path), ImagePath.Name(path));
        if (name == LayerArchive.OpaqueWhiteout)
            _whitedOut.Add($"{folder}/");
        else if (name.StartsWith(LayerArchive.WhiteoutPrefix, StringComparison.Ordinal))
            _whitedOut.Add(ImagePath.Resolve(folder, name[LayerArchive.WhiteoutPrefix.Length..]));
        else
            _entries[path] = await ReadAsync(path, entry).ConfigureAwait(false);
    }

    private async Task<LayerEntry> ReadAsync(string path, TarEntry entry) => entry.EntryType switch
    {
        TarEntryType.Directory => FolderEntry.Instance,
        TarEntryType.SymbolicLink => new LinkEntry(ImagePath.Resolve(ImagePath.Folder(path), entry.LinkName)),
        TarEntryType.HardLink => new LinkEntry(LayerArchive.CleanPath(entry.LinkName, layer)),
        _ => await ReadFileAsync(path, entry).ConfigureAwait(false),
    };

    private async Task<FileEntry> ReadFileAsync(string path, TarEntry entry)
    {
        const UnixFileMode anybody = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var file = new FileEntry(path, ProgramHead.Read((await ReadHeadAsync(entry).ConfigureAwait(false)).Span), (entry.Mode & anybody) != 0);
        if (file is { IsExecutable: true, Head.Format: "ELF" })
            _programs.Add(file);
        return file;
    }

    private async Task<ReadOnlyMemory<byte>> ReadHeadAsync(TarEntry entry)
    {
        if (entry.DataStream is not { } data)
            return default;
        try
        {
            return _head.AsMemory(0, await data.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false));
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidImageException($"layer {layer.Digest.Short}", $"ends within a file: {e.Message}", e);
        }
    }
}
