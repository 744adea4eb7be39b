using System.ComponentModel;
using MultiArchImage.Building.Git;
using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Building.Context;

/// <summary>A repository's files at one commit, in a temporary folder that goes with this object.</summary>
internal sealed class GitClone : IDisposable
{
    private readonly GitSource _source;
    private readonly IActivitySink _sink;
    private readonly string _root = Directory.CreateTempSubdirectory("multiarchimage-").FullName;

    private GitClone(GitSource source, IActivitySink sink) => (_source, _sink) = (source, sink);

    /// <summary>The folder that the source names.</summary>
    public string Folder { get; private set; } = "";

    /// <summary>Fetches one commit with its submodules; nobody is asked for anything.</summary>
    /// <exception cref="BuildContextException">There is no git, it failed, or the subfolder is not there.</exception>
    public static async Task<GitClone> CreateAsync(GitSource source, IActivitySink sink, CancellationToken cancel)
    {
        var clone = new GitClone(source, sink);
        try
        {
            await clone.FetchAsync(cancel).ConfigureAwait(false);
            return clone;
        }
        catch
        {
            clone.Dispose();
            throw;
        }
    }

    /// <summary>Whether a path, absolute, is in the repository.</summary>
    public bool Contains(string path) => path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Directory.Exists(_root))
            return;
        Delete(_root);
    }

    private async Task FetchAsync(CancellationToken cancel)
    {
        if (_source.Reference.StartsWith('-'))
            throw Failure($"has no reference {_source.Reference}");
        _sink.Verbose($"cloning {_source.DisplayName} at {_source.Reference}");
        await GitAsync(["init", "--quiet"], cancel).ConfigureAwait(false);
        // gitmodules(5): URLs of submodules may be relative to the origin; without one git takes them as relative to this folder.
        await GitAsync(["remote", "add", "--", "origin", _source.Url], cancel).ConfigureAwait(false);
        await GitAsync(["fetch", "--quiet", "--depth", "1", "--no-tags", "--", "origin", _source.Reference], cancel).ConfigureAwait(false);
        await GitAsync(["checkout", "--quiet", "--detach", "FETCH_HEAD"], cancel).ConfigureAwait(false);
        await GitAsync(["submodule", "--quiet", "update", "--init", "--recursive", "--depth", "1"], cancel).ConfigureAwait(false);
        // As BuildKit: the history is no part of the context.
        Delete(Path.Combine(_root, ".git"));
        Folder = FindSubfolder();
    }

    // A repository is foreign: neither .. nor a link in it may lead elsewhere.
    private string FindSubfolder()
    {
        var folder = _root;
        foreach (var part in _source.Subfolder.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            folder = Path.Combine(folder, part);
            if (part == ".." || new DirectoryInfo(folder) is not { Exists: true, LinkTarget: null })
                throw Failure($"has no folder {_source.Subfolder} at {_source.Reference}");
        }
        return folder;
    }

    private async Task GitAsync(string[] arguments, CancellationToken cancel)
    {
        try
        {
            var result = await GitProgram.RunAsync(_root, arguments, cancel).ConfigureAwait(false);
            if (!result.Succeeded)
                throw Failure($"cannot be cloned: {_source.Redact(result.Error)}");
        }
        catch (Win32Exception e)
        {
            throw new BuildContextException(_source.DisplayName, "needs the program git, which cannot be started", "install git, or give a folder", e)
            {
                Subject = _source.DisplayName,
            };
        }
    }

    private BuildContextException Failure(string reason) => new(_source.DisplayName, reason) { Subject = _source.DisplayName };

    // Git makes its objects read-only, which Windows would not delete.
    private static void Delete(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
                file.Attributes = FileAttributes.Normal;
        }
        Directory.Delete(folder, recursive: true);
    }
}
