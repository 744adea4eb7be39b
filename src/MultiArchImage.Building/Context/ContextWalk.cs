namespace MultiArchImage.Building.Context;

/// <summary>Lists what is in a folder and not ignored. Sorted, so that equal contexts give equal archives.</summary>
/// <param name="root">The folder.</param>
/// <param name="rules">What is ignored.</param>
/// <param name="except">A folder that is left out, or null.</param>
internal sealed class ContextWalk(string root, IgnoreRules rules, string? except)
{
    private static readonly StringComparison PathComparison =
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    public IReadOnlyList<ContextEntry> Entries() => [.. Below(new DirectoryInfo(root), "", rules.Top)];

    private IEnumerable<ContextEntry> Below(DirectoryInfo folder, string prefix, IgnoreRules.Verdict above)
    {
        foreach (var file in folder.EnumerateFileSystemInfos().Where(IsSeen).OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            var entry = new ContextEntry(prefix + file.Name, file);
            var verdict = rules.Judge(entry.Path, above);
            // A link to a folder is a link, not a folder.
            if (file is DirectoryInfo { LinkTarget: null } below)
            {
                foreach (var inside in Folder(entry, below, verdict))
                    yield return inside;
            }
            else if (!verdict.IsIgnored)
                yield return entry;
        }
    }

    private bool IsSeen(FileSystemInfo file) => !file.FullName.Equals(except, PathComparison);

    // An ignored folder is there nevertheless where an exception (!) brings something in it back.
    private IEnumerable<ContextEntry> Folder(ContextEntry entry, DirectoryInfo folder, IgnoreRules.Verdict verdict)
    {
        if (!verdict.IsIgnored)
            return Below(folder, entry.Path + "/", verdict).Prepend(entry);
        if (!rules.HasExceptions)
            return [];
        var inside = Below(folder, entry.Path + "/", verdict).ToList();
        return inside.Count > 0 ? inside.Prepend(entry) : [];
    }
}
