using System.Text;
using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Stores;

/// <summary>
/// The files of an image layout (image-spec: Image Layout) and how they change: a file appears under its final name only when whole, and
/// <c>index.json</c> is read and replaced under a lock. What a killed writer leaves are temporary files, which everybody ignores.
/// </summary>
internal sealed class LayoutFolder(string path)
{
    /// <summary>How long a writer waits for the others.</summary>
    public static readonly TimeSpan DefaultLockLimit = TimeSpan.FromSeconds(30);

    /// <summary>The file that makes a folder, or an archive, a layout.</summary>
    public const string MarkName = "oci-layout";

    /// <summary>The file that says what the layout holds.</summary>
    public const string IndexName = "index.json";

    /// <summary>The folder of all content.</summary>
    public const string BlobsName = "blobs";

    /// <summary>The file of the mark's name, as this module writes it.</summary>
    public static readonly byte[] Mark = Encoding.UTF8.GetBytes("""{"imageLayoutVersion":"1.0.0"}""");

    private const string TemporaryPrefix = ".partial-";
    private const string Remedy = "give the folder of a layout, or one that is empty or not there";

    private const int MarkSize = 64 * 1024;

    private bool _isWritable;

    /// <summary>The folder, absolute.</summary>
    public string Path => path;

    /// <summary>How long a writer waits for the others.</summary>
    public TimeSpan LockLimit { get; init; } = DefaultLockLimit;

    /// <summary>Whether the layout may begin in a folder that holds other folders: those of a registry's further repositories.</summary>
    public bool MayHoldFolders { get; init; }

    /// <summary>Where a blob is, or would be.</summary>
    public string BlobPath(Digest digest) => Combine(BlobsName, digest.Algorithm, digest.Hex);

    /// <summary>Whether there is a layout; a folder that is absent or as good as empty is one that was not written yet.</summary>
    /// <exception cref="InvalidLayoutException">The folder holds something else, or a layout of another version.</exception>
    public async Task<bool> ExistsAsync(CancellationToken cancel)
    {
        if (File.Exists(path))
            throw new InvalidLayoutException(path, "it is a file, not a folder", Remedy);
        var hasOtherContent = !File.Exists(Combine(MarkName)) && Directory.Exists(path)
            && ForeignContent().Any();
        // A second look at the mark: another writer may have made the layout, and begun to fill it, between the first and the listing.
        if (!File.Exists(Combine(MarkName)))
            return !hasOtherContent ? false : throw new InvalidLayoutException(path, $"it has no {MarkName} file, but other content", Remedy);
        await CheckVersionAsync(cancel).ConfigureAwait(false);
        return true;
    }

    /// <summary>The index of the layout; an empty one where there is no layout yet.</summary>
    public async Task<LayoutIndex> ReadIndexAsync(CancellationToken cancel) =>
        await ExistsAsync(cancel).ConfigureAwait(false) ? await ParseIndexAsync(cancel).ConfigureAwait(false) : LayoutIndex.Empty();

    /// <summary>Changes the index, alone; <paramref name="change"/> tells whether it did.</summary>
    public Task ChangeIndexAsync(Func<LayoutIndex, bool> change, CancellationToken cancel) =>
        ChangeIndexAsync(index => Task.FromResult(change(index)), () => { }, cancel);

    /// <summary>
    /// Changes the index, alone; <paramref name="change"/> tells whether it did, and <paramref name="then"/> follows when the change is written and
    /// before anybody else can make one.
    /// </summary>
    public async Task ChangeIndexAsync(Func<LayoutIndex, Task<bool>> change, Action then, CancellationToken cancel)
    {
        await PrepareAsync(cancel).ConfigureAwait(false);
        using var alone = await LayoutLock.TakeAsync(Combine(LayoutLock.FileName), path, LockLimit, cancel).ConfigureAwait(false);
        var index = await ParseIndexAsync(cancel).ConfigureAwait(false);
        if (await change(index).ConfigureAwait(false))
            await WriteAsync(Combine(IndexName), index.ToBytes(), cancel).ConfigureAwait(false);
        then();
    }

    /// <summary>
    /// Brings a file there: <paramref name="write"/> gets a temporary one, which takes the final name if that returned without a failure.
    /// </summary>
    public Task WriteAsync(string finalPath, Func<Stream, Task> write, CancellationToken cancel) =>
        WholeFile.WriteAsync(Combine(TemporaryPrefix + Guid.NewGuid().ToString("N")), finalPath, write, cancel);

    /// <summary>Makes the folder a layout, if it is none yet.</summary>
    /// <exception cref="InvalidLayoutException">The folder holds something else.</exception>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        if (_isWritable)
            return;
        if (!await ExistsAsync(cancel).ConfigureAwait(false))
        {
            Directory.CreateDirectory(path);
            using var alone = await LayoutLock.TakeAsync(Combine(LayoutLock.FileName), path, LockLimit, cancel).ConfigureAwait(false);
            if (!await ExistsAsync(cancel).ConfigureAwait(false))
                await BeginAsync(cancel).ConfigureAwait(false);
        }
        RemoveAbandoned();
        _isWritable = true;
    }

    /// <summary>The bytes of a file that must be small.</summary>
    /// <exception cref="InvalidDataException">It is larger than <paramref name="limit"/>.</exception>
    public static async Task<byte[]> ReadWholeAsync(string file, int limit, CancellationToken cancel)
    {
        var stream = OpenRead(file);
        await using (stream.ConfigureAwait(false))
        {
            if (stream.Length > limit)
                throw new InvalidDataException($"{System.IO.Path.GetFileName(file)} has {stream.Length} bytes; more than {limit} are refused");
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, cancel).ConfigureAwait(false);
            return bytes;
        }
    }

    /// <summary>Opens a file so that others may replace it meanwhile.</summary>
    public static FileStream OpenRead(string file) =>
        new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.Asynchronous);

    /// <summary>Whether a layout of that version can be read.</summary>
    /// <remarks>image-spec: Image Layout, oci-layout file: the version is 1.0.0; minor versions stay readable.</remarks>
    public static bool IsKnownVersion(string? version) => version?.StartsWith("1.", StringComparison.Ordinal) == true;

    /// <summary>The version that a mark states.</summary>
    public static string? VersionOf(JObject mark) => mark.Text("imageLayoutVersion");

    // The mark comes last: who sees it sees a whole layout.
    private async Task BeginAsync(CancellationToken cancel)
    {
        if (!File.Exists(Combine(IndexName)))
            await WriteAsync(Combine(IndexName), LayoutIndex.Empty().ToBytes(), cancel).ConfigureAwait(false);
        await WriteAsync(Combine(MarkName), Mark, cancel).ConfigureAwait(false);
    }

    private Task WriteAsync(string finalPath, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        WriteAsync(finalPath, file => file.WriteAsync(content, cancel).AsTask(), cancel);

    private void RemoveAbandoned()
    {
        var oldest = DateTime.UtcNow - WholeFile.TemporaryLifetime;
        foreach (var file in new DirectoryInfo(path).EnumerateFiles(TemporaryPrefix + "*").Where(file => file.LastWriteTimeUtc < oldest))
        {
            try
            {
                file.Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Rubbish of another user; it disturbs nobody.
            }
        }
    }

    private Task<LayoutIndex> ParseIndexAsync(CancellationToken cancel) =>
        ParseAsync(IndexName, OciLimits.IndexSize, json => new LayoutIndex(json, Combine(IndexName)), cancel);

    private async Task CheckVersionAsync(CancellationToken cancel)
    {
        var version = await ParseAsync(MarkName, MarkSize, VersionOf, cancel).ConfigureAwait(false);
        if (!IsKnownVersion(version))
            throw new InvalidLayoutException(path, $"its {MarkName} file states the version '{version}'", "only version 1 is known");
    }

    private async Task<T> ParseAsync<T>(string name, int limit, Func<JObject, T> read, CancellationToken cancel)
    {
        const string remedy = "restore the file, or make the layout anew";
        try
        {
            return read(Json.ParseObject(await ReadWholeAsync(Combine(name), limit, cancel).ConfigureAwait(false), name));
        }
        catch (FileNotFoundException e)
        {
            throw new InvalidLayoutException(path, $"it has no {name} file", remedy, e);
        }
        catch (Exception e) when (e is InvalidImageException or InvalidDataException)
        {
            throw new InvalidLayoutException(path, e.Message, remedy, e);
        }
    }

    private IEnumerable<string> ForeignContent() =>
        (MayHoldFolders ? Directory.EnumerateFiles(path) : Directory.EnumerateFileSystemEntries(path)).Where(entry => !IsOfBeginning(System.IO.Path.GetFileName(entry)));

    private static bool IsOfBeginning(string name) =>
        name is IndexName or LayoutLock.FileName || name.StartsWith(TemporaryPrefix, StringComparison.Ordinal);

    private string Combine(params string[] parts) => System.IO.Path.Combine([path, .. parts]);
}
