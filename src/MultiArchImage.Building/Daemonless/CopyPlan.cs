using System.Formats.Tar;

namespace MultiArchImage.Building.Daemonless;

/// <summary>Decides what a COPY puts where (Dockerfile reference: COPY). A plan is a list of entries; nothing is read or written.</summary>
internal sealed class CopyPlan
{
    private readonly CopyRequest _request;
    private readonly Dictionary<string, TreeEntry> _entries = new(StringComparer.Ordinal);
    private readonly string _destination;
    private readonly bool _isMarkedAsFolder;

    private CopyPlan(CopyRequest request)
    {
        _request = request;
        _isMarkedAsFolder = request.Destination is "" or "." or ".." || request.Destination.EndsWith('/')
            || request.Destination.EndsWith("/.", StringComparison.Ordinal) || request.Destination.EndsWith("/..", StringComparison.Ordinal);
        var path = request.Destination.StartsWith('/') ? request.Destination : $"{request.WorkingFolder}/{request.Destination}";
        _destination = request.Into.Resolve(path) ?? throw Error($"'{request.Destination}' is a link that leads in circles");
    }

    private bool IsFolder => _isMarkedAsFolder || _request.Into.Find(_destination)?.IsFolder == true;

    /// <summary>The entries of the layer, sorted by path; folders that the image has already are not among them.</summary>
    /// <exception cref="DockerfileException">A source is not there, or does not fit to the destination.</exception>
    public static IReadOnlyList<TreeEntry> Make(CopyRequest request) => new CopyPlan(request).Make();

    private List<TreeEntry> Make()
    {
        if (_request.Sources.Count > 1 && !_isMarkedAsFolder)
            throw Error($"'{_request.Destination}' cannot take several sources", "end the destination with / to make it a folder");
        var matches = _request.Sources.SelectMany(Match).ToList();
        if (matches.Count == 0)
            throw NotThere(string.Join(' ', _request.Sources));
        if (matches.Count > 1 && !IsFolder && matches.Any(match => !match.Source.IsFolder))
            throw Error($"'{_request.Destination}' cannot take the {matches.Count} files that match", "end the destination with / to make it a folder");
        foreach (var (path, source) in matches)
        {
            if (source.IsFolder)
                AddFolder(source);
            else
                AddFile(source, IsFolder ? FileTree.Join(_destination, FileTree.Split(path).Name) : _destination);
        }
        return [.. _entries.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    // A source that is a link itself is followed; links inside of folders are copied as links.
    private IEnumerable<(string Path, TreeEntry Source)> Match(string source)
    {
        var pattern = Parse(source);
        var paths = _request.From.Match(pattern);
        if (paths.Count == 0 && !pattern.HasWildcard)
            throw NotThere(source);
        return paths.Select(path => (path, Follow(path) ?? throw Error(
            $"'{path}' of {_request.FromName} is a link to something that is not there", "links are followed inside of it only")));
    }

    private TreeEntry? Follow(string path) => _request.From.Resolve(path) is { } real ? _request.From.Find(real) : null;

    private GoPattern Parse(string source)
    {
        try
        {
            return GoPattern.Parse(source);
        }
        catch (FormatException e)
        {
            throw Error(e.Message);
        }
    }

    // Of a folder the content is copied, not the folder itself.
    private void AddFolder(TreeEntry source)
    {
        // A new destination is like its source, unless it was asked for as a folder of its own; the root of a context is like nothing.
        var isLikeSource = !_isMarkedAsFolder && source.Path.Length > 0;
        Add(isLikeSource ? source with { Path = _destination } : new TreeEntry(_destination, TarEntryType.Directory), replaces: false);
        foreach (var entry in _request.From.Below(source.Path))
        {
            var path = FileTree.Join(_destination, entry.Path[source.Path.Length..].TrimStart('/'));
            if (entry.IsFolder)
                Add(entry with { Path = path }, replaces: true);
            else
                AddFile(entry, path);
        }
    }

    private void AddFile(TreeEntry source, string path)
    {
        var file = source.Type == TarEntryType.SymbolicLink ? source : _request.From.FindFile(source.Path)
            ?? throw Error($"'{source.Path}' of {_request.FromName} is a {source.Type}; only files, folders and links can be copied");
        if (_request.Into.Find(path) is { IsFolder: true } || _entries.GetValueOrDefault(path) is { IsFolder: true })
            throw Error($"the file '{source.Path}' cannot replace the folder '/{path}'");
        AddParents(path);
        _entries[path] = Mark(file with { Path = path });
    }

    private void Add(TreeEntry folder, bool replaces)
    {
        if (folder.Path.Length == 0)
            return;
        var existing = _entries.GetValueOrDefault(folder.Path) ?? _request.Into.Find(folder.Path);
        if (existing is { IsFolder: false })
            throw Error($"a folder cannot replace '/{folder.Path}', which is none", "copy to the folder that it leads to");
        if (existing is not null && !replaces)
            return;
        AddParents(folder.Path);
        _entries[folder.Path] = Mark(folder);
    }

    private void AddParents(string path) => Add(new TreeEntry(FileTree.Split(path).Folder, TarEntryType.Directory), replaces: false);

    private TreeEntry Mark(TreeEntry entry) => entry with
    {
        Owner = _request.Owner ?? entry.Owner,
        Mode = _request.Mode is { } mode && entry.Type != TarEntryType.SymbolicLink ? mode : entry.Mode,
    };

    private DockerfileException NotThere(string source) => Error(
        $"{_request.Instruction.Keyword}: '{source}' is not in {_request.FromName}",
        "check the path, which begins at the root of it, and .dockerignore");

    private DockerfileException Error(string reason, string? remedy = null) => _request.Instruction.Error(reason, remedy);
}
