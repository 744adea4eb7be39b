using System.Formats.Tar;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// What a tar holds and where, read once without its content. Nothing is ever unpacked, so that a link only means another entry of the same
/// archive: <c>docker save</c> of older engines writes a layer that comes twice as a symbolic link to the first.
/// </summary>
internal sealed class TarIndex
{
    /// <summary>What to do about a broken archive.</summary>
    public const string Remedy = "get the file anew, or have it written again";

    // A name, a link's target and some attributes.
    private const int LongestHeader = 64 * 1024;

    // A layer links to a layer; a chain longer than this is a circle.
    private const int LongestChain = 8;

    private readonly string _path;
    private readonly Dictionary<string, ArchiveEntry> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    private TarIndex(string path) => _path = path;

    /// <summary>The files, without those that are links.</summary>
    public IReadOnlyDictionary<string, ArchiveEntry> Files => _files;

    /// <summary>Reads the headers of a tar.</summary>
    /// <param name="archive">The tar, at its start; it can seek.</param>
    /// <param name="path">What the archive is called in errors.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="InvalidArchiveException">It is no tar, cut off, or has entries that an archive of images cannot have.</exception>
    public static async Task<TarIndex> ReadAsync(FileStream archive, string path, CancellationToken cancel)
    {
        var index = new TarIndex(path);
        try
        {
            await index.ReadAsync(archive, cancel).ConfigureAwait(false);
        }
        // What the reader of the base library throws for headers that are none.
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException or InvalidOperationException
            or NotSupportedException or OverflowException or ArgumentException)
        {
            throw new InvalidArchiveException(path, $"it is no tar, or a damaged one: {e.Message}", Remedy, e);
        }
        return index;
    }

    /// <summary>The file of a name, also of one that is a link; null where there is none.</summary>
    /// <exception cref="InvalidArchiveException">The link leads out of the archive, or in a circle.</exception>
    public ArchiveEntry? Find(string name)
    {
        var current = Normalize(name);
        for (var step = 0; step < LongestChain; step++)
        {
            if (_files.TryGetValue(current, out var file))
                return file;
            if (!_links.TryGetValue(current, out var target))
                return null;
            current = target;
        }
        throw Invalid($"its entry {name} is a link in a circle");
    }

    /// <summary>The file of a name.</summary>
    /// <exception cref="InvalidArchiveException">There is none, or the link leads out of the archive or in a circle.</exception>
    public ArchiveEntry Require(string name) => Find(name) ?? throw Invalid($"it has no {name}");

    private async Task ReadAsync(FileStream archive, CancellationToken cancel)
    {
        var reader = new TarReader(new HeaderStream(archive, LongestHeader), leaveOpen: true);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.GetNextEntryAsync(copyData: false, cancel).ConfigureAwait(false) is { } entry)
                Add(entry, archive);
        }
        if (_files.Count == 0)
            throw Invalid("it is no tar, or an empty one");
    }

    private void Add(TarEntry entry, FileStream archive)
    {
        if (_files.Count + _links.Count >= OciLimits.ArchiveEntries)
            throw Invalid($"it has more than {OciLimits.ArchiveEntries} entries");
        if (entry.Name.Length > OciLimits.ArchiveNameLength || entry.LinkName.Length > OciLimits.ArchiveNameLength)
            throw Invalid($"it has a name of {Math.Max(entry.Name.Length, entry.LinkName.Length)} characters; more than {OciLimits.ArchiveNameLength} are refused");
        switch (entry.EntryType)
        {
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                AddOnce(_files, Normalize(entry.Name), Locate(entry, archive));
                break;
            case TarEntryType.SymbolicLink:
                var name = Normalize(entry.Name);
                AddOnce(_links, name, Normalize(entry.LinkName, name[..(name.LastIndexOf('/') + 1)]));
                break;
            case TarEntryType.HardLink:
                AddOnce(_links, Normalize(entry.Name), Normalize(entry.LinkName));
                break;
            case TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes:
                break;
            default:
                throw Invalid($"its entry {entry.Name} is a {entry.EntryType}, which no image needs");
        }
    }

    // Where two entries have one name, readers differ in which they take: what one verified, another would run.
    private void AddOnce<T>(Dictionary<string, T> entries, string name, T value)
    {
        if (_files.ContainsKey(name) || _links.ContainsKey(name))
            throw Invalid($"it has two entries of the name {name}");
        entries[name] = value;
    }

    // The base library says where content lies only by reading it: a byte of it moves the archive to just behind that byte.
    private ArchiveEntry Locate(TarEntry entry, FileStream archive)
    {
        if (entry.DataStream is null or { Length: 0 })
            return new ArchiveEntry(0, 0);
        if (entry.DataStream.ReadByte() < 0 || archive.Position - 1 + entry.Length > archive.Length)
            throw Invalid($"it ends in the middle of {entry.Name}");
        return new ArchiveEntry(archive.Position - 1, entry.Length);
    }

    private string Normalize(string name, string folder = "")
    {
        if (name.StartsWith('/') || name.Contains('\\') || name.Contains('\0'))
            throw Invalid($"its entry {name} is not below the archive's own root");
        var parts = new List<string>();
        foreach (var part in (folder + name).Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (folder.Length > 0 && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else
                throw Invalid($"its entry {folder}{name} is not below the archive's own root");
        }
        return string.Join('/', parts);
    }

    private InvalidArchiveException Invalid(string reason) => new(_path, reason, Remedy);
}
