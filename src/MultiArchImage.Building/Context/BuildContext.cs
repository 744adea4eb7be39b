using MultiArchImage.Building.Context;
using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Building;

/// <summary>What COPY sees: a folder, without what its <c>.dockerignore</c> names.</summary>
public sealed class BuildContext : IDisposable
{
    /// <summary>The name that a Dockerfile has in the archive where it is not part of the context.</summary>
    internal const string ForeignDockerfile = ".dockerfile.multiarchimage";

    private readonly GitClone? _clone;

    /// <param name="folder">Its absolute path.</param>
    public BuildContext(string folder) => Folder = folder;

    private BuildContext(GitClone clone)
    {
        _clone = clone;
        Folder = clone.Folder;
    }

    /// <summary>The folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>Opens a folder, or clones a repository.</summary>
    /// <param name="pathOrUrl">
    /// A folder, or a Git URL as Docker understands it: <c>https://HOST/PATH.git#REF:SUBFOLDER</c>, <c>git@HOST:PATH</c>; the part behind
    /// <c>#</c> may be left out.
    /// </param>
    /// <param name="sink">Told of the cloning.</param>
    /// <param name="cancel">Stops the cloning.</param>
    /// <exception cref="BuildContextException">There is no such folder, or it cannot be cloned.</exception>
    public static async Task<BuildContext> OpenAsync(string pathOrUrl, IActivitySink sink, CancellationToken cancel)
    {
        if (GitSource.TryParse(pathOrUrl, out var source))
            return new BuildContext(await GitClone.CreateAsync(source, sink, cancel).ConfigureAwait(false));
        var folder = Path.GetFullPath(pathOrUrl);
        return Directory.Exists(folder)
            ? new BuildContext(folder)
            : throw new BuildContextException(folder, "is no folder", "give a folder, or the URL of a Git repository") { Subject = folder };
    }

    /// <summary>All that is in it and not ignored, sorted by name, each folder before what is in it.</summary>
    /// <param name="dockerfile">
    /// The Dockerfile whose rules count, relative to the folder or absolute: those of <c>DOCKERFILE.dockerignore</c> beside it, else those of
    /// <c>.dockerignore</c> in the folder.
    /// </param>
    /// <param name="output">A folder that the build writes to, absolute, or null. What is made is not what it is made from.</param>
    /// <exception cref="BuildContextException">The rules are malformed, or a folder cannot be read.</exception>
    public IReadOnlyList<ContextEntry> Entries(string dockerfile, string? output = null)
    {
        try
        {
            return new ContextWalk(Folder, IgnoreRules.For(Folder, Locate(dockerfile)), output).Entries();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>Writes the context as a tar archive, while it reads it.</summary>
    /// <param name="output">Where to; stays open.</param>
    /// <param name="dockerfile">The Dockerfile, relative to the folder or absolute. One outside of the context, or ignored, is added.</param>
    /// <param name="cancel">Stops the writing.</param>
    /// <exception cref="BuildContextException">Something cannot be read.</exception>
    public async Task WriteTarAsync(Stream output, string dockerfile, CancellationToken cancel)
    {
        var entries = Entries(dockerfile);
        var name = NameInArchive(entries, dockerfile);
        try
        {
            var archive = new ContextArchive(output);
            await using (archive.ConfigureAwait(false))
            {
                await archive.WriteRootAsync(cancel).ConfigureAwait(false);
                foreach (var entry in entries)
                    await archive.WriteAsync(entry.Path, entry.File, cancel).ConfigureAwait(false);
                if (name == ForeignDockerfile)
                    await archive.WriteAsync(name, ForeignFile(Locate(dockerfile)), cancel).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>The name by which <see cref="WriteTarAsync"/> has the Dockerfile.</summary>
    /// <exception cref="BuildContextException">There is no such Dockerfile.</exception>
    internal string NameInArchive(string dockerfile) => NameInArchive(Entries(dockerfile), dockerfile);

    /// <summary>The error where something of the context is gone, or is not for this user.</summary>
    internal BuildContextException Unreadable(Exception reason) =>
        new(Folder, $"cannot be read: {reason.Message}", null, reason) { Subject = Folder };

    /// <inheritdoc/>
    public void Dispose() => _clone?.Dispose();

    private string NameInArchive(IReadOnlyList<ContextEntry> entries, string dockerfile)
    {
        var path = Locate(dockerfile);
        if (!File.Exists(path))
            throw new BuildContextException(Folder, $"has no {dockerfile}", "name it with -Dockerfile") { Subject = path };
        return entries.FirstOrDefault(entry => entry.File.FullName == path)?.Path ?? ForeignDockerfile;
    }

    // Elsewhere a link leads to nothing in the archive, so its content is sent. A link of a foreign repository may lead to any file of this machine.
    private FileSystemInfo ForeignFile(string path)
    {
        var file = new FileInfo(path);
        return _clone?.Contains(path) == true ? file : file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
    }

    private string Locate(string dockerfile) => Path.GetFullPath(dockerfile, Folder);
}

/// <summary>A file, folder or link of a context.</summary>
/// <param name="Path">From the folder of the context, with <c>/</c> between.</param>
/// <param name="File">Where it is.</param>
public sealed record ContextEntry(string Path, FileSystemInfo File);
