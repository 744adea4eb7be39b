using System.Collections.Concurrent;
using System.Formats.Tar;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// Writes an archive anew, of what the old one holds and what is staged, and puts it in the place of the old one: who reads sees one or the other,
/// whole. Writers of one archive take turns, by a lock that is a file beside it.
/// </summary>
internal sealed class ArchiveWriter(ImageReference place, ArchiveStage stage) : IDisposable
{
    // What the fields of a ustar header hold (POSIX.1-1988): 100 characters, and eleven octal digits.
    private const int LongestUstarName = 100;
    private const long LargestUstarFile = (8L << 30) - 1;

    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<Digest, Descriptor> _kept = new();
    private readonly ConcurrentDictionary<Digest, bool> _promised = new();
    private readonly object _gathering = new();
    private Batch? _next;

    /// <summary>Keeps a blob of the old archive that a writer was told not to bring again.</summary>
    public void Promise(Digest blob) => _promised[blob] = true;

    /// <summary>Keeps a document that was put under its digest, also if no tag reaches it (a signature refers to its image, not the reverse).</summary>
    public void Keep(Descriptor manifest) => _kept[manifest.Digest] = manifest;

    /// <summary>Moves tags, in one writing with those that others want moved by the time it begins.</summary>
    /// <param name="move">The tags.</param>
    /// <param name="open">Reads the archive as it is by then; null where there is none.</param>
    /// <param name="cancel">Ends the writing; the old archive stays.</param>
    public Task CommitAsync(TagMove move, Func<Task<ArchiveContent?>> open, CancellationToken cancel)
    {
        lock (_gathering)
        {
            if (_next is null)
            {
                var batch = _next = new Batch([]);
                batch.Written = Task.Run(() => WriteInTurnAsync(batch, open, cancel), cancel);
            }
            _next.Moves.Add(move);
            return _next.Written;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();

    private async Task WriteInTurnAsync(Batch batch, Func<Task<ArchiveContent?>> open, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            lock (_gathering)
                _next = null;
            await WriteAsync(batch.Moves, open, cancel).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task WriteAsync(List<TagMove> moves, Func<Task<ArchiveContent?>> open, CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(place.Path)!;
        Directory.CreateDirectory(folder);
        var lockFile = Path.Combine(folder, $".{Path.GetFileName(place.Path)}.lock");
        using var alone = await LayoutLock.TakeAsync(lockFile, place.Path, LayoutFolder.DefaultLockLimit, cancel).ConfigureAwait(false);
        var old = await open().ConfigureAwait(false);
        var index = old?.Index.Copy() ?? LayoutIndex.Empty();
        var isChanged = false;
        foreach (var move in moves)
            isChanged |= move.Apply(index);
        var content = new ArchiveClosure(place, old, stage, cancel);
        await content.AddAsync(index, moves, [.. _kept.Values], _promised.Keys).ConfigureAwait(false);
        if (isChanged || content.HasStaged)
        {
            await WholeFile.WriteAsync(ArchiveStage.TemporaryPath(place.Path), place.Path, file => WriteAsync(file, index, content, cancel), cancel)
                .ConfigureAwait(false);
        }
        content.RemoveStaged();
    }

    private async Task WriteAsync(Stream file, LayoutIndex index, ArchiveClosure content, CancellationToken cancel)
    {
        var documents = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [LayoutFolder.MarkName] = LayoutFolder.Mark, [LayoutFolder.IndexName] = index.ToBytes() };
        if (place.Kind == ReferenceKind.DockerArchive)
            documents[DockerSave.ManifestName] = await LoadManifest.CreateAsync(index, content.ReadAsync).ConfigureAwait(false);
        var writer = new TarWriter(file, leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var blob in content.Blobs.Order())
                await WriteAsync(writer, ArchiveContent.BlobName(blob), content.Open(blob), cancel).ConfigureAwait(false);
            foreach (var (name, bytes) in documents.OrderBy(document => document.Key, StringComparer.Ordinal))
                await WriteAsync(writer, name, new MemoryStream(bytes), cancel).ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(TarWriter writer, string name, Stream content, CancellationToken cancel)
    {
        await using (content.ConfigureAwait(false))
        {
            var entry = NewEntry(name, content.Length);
            entry.ModificationTime = DateTimeOffset.UnixEpoch;
            entry.Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
            entry.DataStream = content;
            await writer.WriteEntryAsync(entry, cancel).ConfigureAwait(false);
        }
    }

    // The same content is the same archive: no times, no owners, sorted names. The exception are layers past what ustar can say: the base library
    // writes the number of the process beside their length.
    private static TarEntry NewEntry(string name, long length) =>
        length > LargestUstarFile ? new PaxTarEntry(TarEntryType.RegularFile, name)
        : name.Length > LongestUstarName
            ? new GnuTarEntry(TarEntryType.RegularFile, name) { AccessTime = DateTimeOffset.UnixEpoch, ChangeTime = DateTimeOffset.UnixEpoch }
        : new UstarTarEntry(TarEntryType.RegularFile, name);

    private sealed record Batch(List<TagMove> Moves)
    {
        public Task Written { get; set; } = Task.CompletedTask;
    }
}
