using MultiArchImage.Oci.Layers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Executables;

/// <summary>
/// Finds the program that an image runs first, in as few of its layers as tell: what <c>Entrypoint</c>, or else <c>Cmd</c>, starts with; of a
/// script the program that its first line names; where that is not there, the first ELF program of the layers. A command in shell form leads to the shell.
/// </summary>
internal static class ProgramFinder
{
    // What a runtime looks through where the image says nothing (runc, containerd: defaultPathEnv).
    private const string UsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    // Scripts may name scripts; Linux gives up after so many.
    private const int MaximumScripts = 5;

    /// <summary>The program, or why it could not be looked for; neither where the image has none.</summary>
    public static async Task<ProgramSearch> FindAsync(IImageStore store, ImageManifest image, ImageConfig config, CancellationToken cancel)
    {
        var files = new ImageFiles(image, store, cancel);
        await using var close = files.ConfigureAwait(false);
        var (entry, obstacle) = await TryAsync(() => EntryAsync(files, config)).ConfigureAwait(false);
        if (entry is not null)
            return new ProgramSearch(entry, null);
        // A layer that cannot be read hides no program of a layer above it.
        var (first, next) = await TryAsync(files.FirstProgramAsync).ConfigureAwait(false);
        return new ProgramSearch(first, first is null ? obstacle ?? next : null);
    }

    private static async Task<(ImageFile? File, ImageException? Obstacle)> TryAsync(Func<Task<ImageFile?>> find)
    {
        try
        {
            return (await find().ConfigureAwait(false), null);
        }
        catch (ImageException obstacle) when (obstacle is InvalidImageException or BlobNotFoundException or DigestMismatchException)
        {
            return (null, obstacle);
        }
    }

    private static async Task<ImageFile?> EntryAsync(ImageFiles files, ImageConfig config)
    {
        if (config.Entrypoint.Concat(config.Command).FirstOrDefault() is not { Length: > 0 } command)
            return null;
        var file = await files.FindAsync(Candidates(command, config)).ConfigureAwait(false);
        for (var scripts = 0; file?.Entry.Head?.Interpreter is { } interpreter && scripts < MaximumScripts; scripts++)
            file = await files.FindAsync([ImagePath.Resolve("", interpreter)]).ConfigureAwait(false);
        return file?.Entry.Head?.Machine is null ? null : file;
    }

    private static IEnumerable<string> Candidates(string command, ImageConfig config) =>
        config.Platform.Os == "windows" ? WindowsCandidates(command)
        : command.Contains('/') ? [ImagePath.Resolve(config.WorkingDirectory ?? "", command)]
        : SearchPath(config).Split(':').Select(folder => ImagePath.Resolve(folder, command));

    private static string SearchPath(ImageConfig config) =>
        config.Environment.LastOrDefault(variable => variable.StartsWith("PATH=", StringComparison.Ordinal))?["PATH=".Length..] ?? UsualPath;

    // The layers of Windows have the drive below Files (image-spec: Image Layer Filesystem Changeset, Windows).
    private static IEnumerable<string> WindowsCandidates(string command)
    {
        var path = command.Replace('\\', '/');
        var below = path.Length > 1 && path[1] == ':' ? path[2..] : path.Contains('/') ? path : $"Windows/System32/{path}";
        return new[] { below, $"{below}.exe" }.Select(candidate => ImagePath.Resolve("Files", candidate.TrimStart('/')));
    }
}

/// <summary>What came of the search for an image's first program.</summary>
/// <param name="Program">The program; null where there is none, or it could not be looked for.</param>
/// <param name="Obstacle">Why it could not be looked for.</param>
internal sealed record ProgramSearch(ImageFile? Program, ImageException? Obstacle)
{
    /// <summary>In which way the program is another machine's than the platform, for a person; null where it is not, or nobody can tell.</summary>
    public string? MismatchWith(Platform platform) => Program is { Entry: { Head: { Machine: { } machine } head } file } && machine.IsForeignTo(platform)
        ? $"/{file.Path} in layer {Program.Layer.Short} is an {head.Format} for {machine.Name}, the config says {platform}"
        : null;
}
