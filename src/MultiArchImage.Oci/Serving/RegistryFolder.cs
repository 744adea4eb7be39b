using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
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

    // An upload that nobody touched for a day is nobody's.
    private static readonly TimeSpan UploadLifetime = TimeSpan.FromDays(1);

    private readonly string _path;
    private readonly ConcurrentDictionary<string, RepositoryFolder> _repositories = new(StringComparer.Ordinal);

    /// <param name="path">The folder, absolute; it is made where it is not there.</param>
    /// <exception cref="InvalidLayoutException">It is itself a layout.</exception>
    public RegistryFolder(string path)
    {
        _path = path;
        if (File.Exists(Path.Combine(path, LayoutFolder.MarkName)))
            throw new InvalidLayoutException(path, "it is itself a layout, and a registry's folder holds one for each repository", "give the folder above it: this one is then a repository by its own name");
        Directory.CreateDirectory(Path.Combine(path, UploadsName));
        RemoveAbandoned();
    }

    /// <summary>A repository, whether it was pushed to or not.</summary>
    /// <param name="name">A valid name.</param>
    public RepositoryFolder Repository(string name) => _repositories.GetOrAdd(name, _ => new RepositoryFolder(Path.Combine([_path, .. name.Split('/')])));

    /// <summary>The names of all repositories.</summary>
    public IReadOnlyList<string> ListRepositories() => [.. Walk(new DirectoryInfo(_path), "")];

    /// <summary>A new upload.</summary>
    public UploadSession BeginUpload(string repository)
    {
        var session = Session(repository, Guid.NewGuid().ToString("N"));
        File.Create(session.Path).Dispose();
        return session;
    }

    /// <summary>An upload that was begun; null where there is none of that name for the repository.</summary>
    public UploadSession? FindUpload(string repository, string id) =>
        Guid.TryParseExact(id, "N", out var known) && Session(repository, known.ToString("N")) is var session && File.Exists(session.Path) ? session : null;

    // The repository is part of the file's name, as a hash: its own may be too long.
    private UploadSession Session(string repository, string id) =>
        new(id, Path.Combine(_path, UploadsName, $"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(repository)))[..16]}-{id}"));

    private static IEnumerable<string> Walk(DirectoryInfo folder, string prefix)
    {
        foreach (var child in folder.EnumerateDirectories())
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

    private void RemoveAbandoned()
    {
        var oldest = DateTime.UtcNow - UploadLifetime;
        foreach (var file in new DirectoryInfo(Path.Combine(_path, UploadsName)).EnumerateFiles().Where(file => file.LastWriteTimeUtc < oldest))
            file.Delete();
    }
}
