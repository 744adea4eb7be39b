using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Registry.Uploads;

/// <summary>
/// What is remembered of where one registry has its blobs: a text file with a blob's digest and a repository in each line, the latest last. Lines that
/// say something else are passed over, and a file that cannot be read is as none.
/// </summary>
/// <param name="registry">Host and port.</param>
/// <param name="path">The file; null for memory only.</param>
internal sealed class LocationFile(string registry, string? path)
{
    // A few hundred images; in a file of less than a megabyte.
    private const int MaximumLines = 4096;

    // Nobody's cache: what is larger was not written here.
    private const long MaximumSize = 4 * 1024 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly object _lock = new();
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);
    private List<string>? _lines;
    private bool _isChanged;

    /// <summary>Repositories that have a blob, the latest first.</summary>
    public IReadOnlyList<string> Find(Digest digest)
    {
        lock (_lock)
        {
            var start = $"{digest} ";
            return [.. Lines.Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..]).Where(IsRepository).Reverse()];
        }
    }

    /// <summary>Notes that a repository has a blob.</summary>
    public void Add(Digest digest, string repository)
    {
        lock (_lock)
        {
            var line = $"{digest} {repository}";
            _removed.Remove(line);
            if (Lines.Contains(line))
                return;
            Lines.Add(line);
            _isChanged = true;
        }
    }

    /// <summary>Notes that a repository does not have a blob.</summary>
    public void Remove(Digest digest, string repository)
    {
        lock (_lock)
        {
            var line = $"{digest} {repository}";
            _removed.Add(line);
            _isChanged |= Lines.Remove(line);
        }
    }

    /// <summary>
    /// Writes it, if there is something new, with what other processes wrote meanwhile. Of two that write at the same moment one may lose what it
    /// had to add, and sends that once more some day.
    /// </summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Save()
    {
        lock (_lock)
        {
            if (!_isChanged || path is null)
                return;
            _lines = [.. Read().Except(Lines).Where(line => !_removed.Contains(line)).Concat(Lines).TakeLast(MaximumLines)];
            _isChanged = false;
            Write(_lines);
        }
    }

    private List<string> Lines => _lines ??= Read();

    private List<string> Read()
    {
        try
        {
            return path is not null && new FileInfo(path) is { Exists: true, Length: <= MaximumSize } ? [.. File.ReadLines(path).Where(IsLine).TakeLast(MaximumLines)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsLine(string line) => line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space && Digest.TryParse(line[..space], out _);

    // It goes into a query and a token's scope: what is no repository's name may say other things there.
    private bool IsRepository(string text) =>
        ImageReference.TryParse($"{registry}/{text}", out var reference) && reference.Registry == registry && reference.Repository == text;

    private static void Write(string temporary, IEnumerable<string> lines)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var writer = new StreamWriter(temporary, options);
        foreach (var line in lines)
            writer.WriteLine(line);
    }

    private void Write(List<string> lines)
    {
        var folder = Path.GetDirectoryName(path!)!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            Write(temporary, lines);
            File.Move(temporary, path!, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
