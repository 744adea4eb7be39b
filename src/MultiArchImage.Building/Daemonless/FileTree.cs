using System.Formats.Tar;

namespace MultiArchImage.Building.Daemonless;

/// <summary>
/// The files of a context or an image by path. Links are followed inside the tree only, as if it were the root of the machine: no path and no
/// link leads out of it.
/// </summary>
internal sealed class FileTree
{
    // What Linux follows before it says ELOOP.
    private const int MaximumLinks = 40;
    private readonly SortedDictionary<string, TreeEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> _names = new(StringComparer.Ordinal) { [""] = new(StringComparer.Ordinal) };

    /// <summary>An empty tree.</summary>
    public FileTree()
    {
    }

    /// <summary>A tree with the entries of another.</summary>
    public FileTree(FileTree other) => AddAll(other._entries.Values);

    /// <summary>Characters of all paths: what makes the tree large in memory.</summary>
    public long Characters { get; private set; }

    /// <summary>What is at a path, without following a link there; the root is a folder.</summary>
    public TreeEntry? Find(string path) =>
        path.Length == 0 ? new TreeEntry("", TarEntryType.Directory) : _entries.GetValueOrDefault(path);

    /// <summary>The regular file at a path, behind hard links; null where there is none.</summary>
    public TreeEntry? FindFile(string path)
    {
        var entry = Find(path);
        for (var links = 0; entry is { Type: TarEntryType.HardLink } && links < MaximumLinks; links++)
            entry = Find(entry.LinkTarget);
        return entry is { Type: TarEntryType.RegularFile } ? entry with { Path = path } : null;
    }

    /// <summary>The names in a folder, in ordinal order.</summary>
    public IEnumerable<string> Names(string folder) => _names.GetValueOrDefault(folder) ?? Enumerable.Empty<string>();

    /// <summary>All that is below a folder, each folder before what is in it.</summary>
    public IEnumerable<TreeEntry> Below(string folder) => Names(folder).SelectMany(name =>
    {
        var entry = _entries[Join(folder, name)];
        return Below(entry.Path).Prepend(entry);
    });

    /// <summary>Adds entries in their order; what is in their way goes.</summary>
    public void AddAll(IEnumerable<TreeEntry> entries)
    {
        foreach (var entry in entries)
            Add(entry);
    }

    /// <summary>Adds an entry and the folders above it, where they are not there; what is in its way goes.</summary>
    public void Add(TreeEntry entry)
    {
        if (entry.Path.Length == 0)
            return;
        var (folder, name) = Split(entry.Path);
        if (Find(folder) is not { IsFolder: true })
            Add(new TreeEntry(folder, TarEntryType.Directory));
        if (!entry.IsFolder)
            Remove(entry.Path);
        _names[folder].Add(name);
        if (entry.IsFolder)
            _names.TryAdd(entry.Path, new(StringComparer.Ordinal));
        if (!_entries.ContainsKey(entry.Path))
            Characters += entry.Path.Length;
        _entries[entry.Path] = entry;
    }

    /// <summary>Removes an entry with all below it.</summary>
    public void Remove(string path)
    {
        if (!_entries.Remove(path))
            return;
        Characters -= path.Length;
        Clear(path);
        _names.Remove(path);
        var (folder, name) = Split(path);
        _names[folder].Remove(name);
    }

    /// <summary>Removes all that is below a folder.</summary>
    public void Clear(string folder)
    {
        foreach (var name in Names(folder).ToList())
            Remove(Join(folder, name));
    }

    /// <summary>The path that a path with links and <c>..</c> means, whether something is there or not; null where links go in circles.</summary>
    public string? Resolve(string path, bool followLast = true)
    {
        var pending = new Stack<string>(Parts(path).Reverse());
        var resolved = "";
        var links = 0;
        while (pending.TryPop(out var part))
        {
            var parent = resolved;
            resolved = part == ".." ? Split(resolved).Folder : Join(resolved, part);
            if ((pending.Count == 0 && !followLast) || Find(resolved) is not { Type: TarEntryType.SymbolicLink } link)
                continue;
            if (++links > MaximumLinks)
                return null;
            resolved = link.LinkTarget.StartsWith('/') ? "" : parent;
            foreach (var step in Parts(link.LinkTarget).Reverse())
                pending.Push(step);
        }
        return resolved;
    }

    /// <summary>The paths that match a pattern, in ordinal order; links between are followed, <c>*</c> matches no <c>/</c>.</summary>
    public IReadOnlyList<string> Match(GoPattern pattern)
    {
        IEnumerable<string> found = [""];
        foreach (var segment in pattern.Segments)
            found = [.. found.SelectMany(folder => MatchIn(folder, segment))];
        return [.. found];
    }

    /// <summary>The parts of a path; empty ones and <c>.</c> mean nothing.</summary>
    public static IEnumerable<string> Parts(string path) => path.Split('/').Where(part => part is not ("" or "."));

    /// <summary>A path without <c>..</c>, which leads nowhere at the root; links count for nothing.</summary>
    public static string Clean(string path)
    {
        var clean = "";
        foreach (var part in Parts(path))
            clean = part == ".." ? Split(clean).Folder : Join(clean, part);
        return clean;
    }

    /// <summary>A path below a folder.</summary>
    public static string Join(string folder, string name) => folder.Length == 0 ? name : name.Length == 0 ? folder : $"{folder}/{name}";

    /// <summary>The folder of a path and its name there.</summary>
    public static (string Folder, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? ("", path) : (path[..slash], path[(slash + 1)..]);
    }

    private IEnumerable<string> MatchIn(string folder, GoPattern.Segment segment)
    {
        var real = Resolve(folder) ?? folder;
        return segment.Literal is { } name
            ? Find(Join(real, name)) is null ? [] : [Join(real, name)]
            : Names(real).Where(segment.IsMatch).Select(match => Join(real, match));
    }
}
