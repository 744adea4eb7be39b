using System.Collections.Concurrent;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Serving;

/// <summary>
/// The folder of a registry. The repository <c>team/app</c> is the image layout <c>PATH/team/app</c>, whole in itself, so that
/// <c>oci:PATH/team/app:1.0</c> is <c>HOST/team/app:1.0</c>. Uploads that are not finished lie in <c>PATH/.uploads</c>.
/// </summary>
internal sealed class RegistryFolder
{
    private const string UploadsName = ".uploads";

    private static readonly EnumerationOptions Readable = new() { AttributesToSkip = 0, IgnoreInaccessible = true };

    private readonly string _path;
    private readonly ConcurrentDictionary<string, RepositoryFolder> _repositories = new(StringComparer.Ordinal);

    /// <param name="path">The folder, absolute; it is made where it is not there.</param>
    /// <param name="time">What time it is.</param>
    /// <exception cref="UnservableFolderException">It is something else, or nothing can be written there.</exception>
    public RegistryFolder(string path, TimeProvider time)
    {
        _path = path;
        RequireServable();
        try
        {
            Uploads = new UploadsFolder(Path.Combine(path, UploadsName), time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnservableFolderException(path, $"nothing can be written there ({e.Message})", "give a folder that you may write to", e);
        }
    }

    /// <summary>The uploads that are not finished.</summary>
    public UploadsFolder Uploads { get; }

    /// <summary>A repository, whether it was pushed to or not.</summary>
    /// <param name="name">A valid name.</param>
    public RepositoryFolder Repository(string name)
    {
        if (_repositories.TryGetValue(name, out var known))
            return known;
        var repository = new RepositoryFolder(Path.Combine([_path, .. name.Split('/')]));
        // Of names that are only asked for there is no end.
        return repository.Exists ? _repositories.GetOrAdd(name, repository) : repository;
    }

    /// <summary>The names of all repositories.</summary>
    public IReadOnlyList<string> ListRepositories() => [.. Walk(new DirectoryInfo(_path), "")];

    private void RequireServable()
    {
        const string remedy = "give a folder of image layouts, or one that is empty or not there";
        if (File.Exists(_path))
            throw new UnservableFolderException(_path, "it is a file, not a folder", remedy);
        if (File.Exists(Path.Combine(_path, LayoutFolder.MarkName)))
            throw new UnservableFolderException(_path, "it is itself an image layout, and a registry's folder holds one for each repository", "give the folder above it: this one is then a repository by its own name");
        if (IsForeign())
            throw new UnservableFolderException(_path, "it holds other things, and no image layout", remedy);
    }

    private bool IsForeign() => Directory.Exists(_path) && !Directory.Exists(Path.Combine(_path, UploadsName))
        && Directory.EnumerateFileSystemEntries(_path).Any() && !Walk(new DirectoryInfo(_path), "").Any();

    private static IEnumerable<string> Walk(DirectoryInfo folder, string prefix)
    {
        foreach (var child in folder.EnumerateDirectories("*", Readable))
        {
            // The length of a name also ends a circle of symbolic links.
            var name = prefix + child.Name;
            if (RepositoryFolder.IsReserved(child.Name) || !ImageReference.IsRepository(name))
                continue;
            if (File.Exists(Path.Combine(child.FullName, LayoutFolder.MarkName)))
                yield return name;
            foreach (var deeper in Walk(child, $"{name}/"))
                yield return deeper;
        }
    }
}
