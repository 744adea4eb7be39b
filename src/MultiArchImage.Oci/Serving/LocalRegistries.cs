using System.Collections.Concurrent;

namespace MultiArchImage.Oci.Serving;

/// <summary>
/// The registries that this process serves, by host and port. They live until they are stopped or the process ends; a folder that was made for
/// one goes with it.
/// </summary>
public static class LocalRegistries
{
    private static readonly ConcurrentDictionary<string, (RegistryServer Server, ArchRegistry Registry, bool IsTemporary)> Running = new(StringComparer.OrdinalIgnoreCase);

    static LocalRegistries() => AppDomain.CurrentDomain.ProcessExit += (_, _) => RemoveTemporaryFolders();

    /// <summary>Starts a registry.</summary>
    /// <param name="path">Its folder, absolute; null for one that is removed when the registry is stopped.</param>
    /// <param name="options">Makes the options of the folder.</param>
    /// <exception cref="PortInUseException">Another program listens there.</exception>
    /// <exception cref="UnservableFolderException">The folder is something else than one of layouts, or nothing can be written there.</exception>
    public static ArchRegistry Start(string? path, Func<string, RegistryServerOptions> options)
    {
        var folder = path ?? Directory.CreateTempSubdirectory("multiarchimage-registry-").FullName;
        try
        {
            var server = RegistryServer.Start(options(folder));
            var registry = new ArchRegistry { Registry = server.Host, Uri = new Uri($"http://{server.Host}/"), UserName = server.UserName, Path = server.Path };
            Running[server.Host] = (server, registry, path is null);
            return registry;
        }
        catch when (path is null)
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>A registry that this process serves; null for every other.</summary>
    /// <param name="registry">Its host and port.</param>
    public static ArchRegistry? Find(string registry) => Running.TryGetValue(registry, out var running) ? running.Registry : null;

    /// <summary>The hosts and ports of all registries that this process serves.</summary>
    public static IReadOnlyList<string> Names => [.. Running.Keys];

    /// <summary>Stops a registry.</summary>
    /// <param name="registry">Its host and port.</param>
    /// <exception cref="RegistryNotServedException">This process serves no such registry.</exception>
    public static async Task StopAsync(string registry)
    {
        if (!await TryStopAsync(registry).ConfigureAwait(false))
            throw new RegistryNotServedException(registry, Names);
    }

    /// <summary>Stops a registry that may have been stopped before; false where it was.</summary>
    /// <param name="registry">Its host and port.</param>
    public static async Task<bool> TryStopAsync(string registry)
    {
        if (!Running.TryRemove(registry, out var running))
            return false;
        await running.Server.DisposeAsync().ConfigureAwait(false);
        if (running.IsTemporary)
            Remove(running.Server.Path);
        return true;
    }

    private static void RemoveTemporaryFolders()
    {
        foreach (var (server, _, _) in Running.Values.Where(running => running.IsTemporary))
            Remove(server.Path);
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something of it is still open, or gone already: the system's own cleaning of temporary files has the rest.
        }
    }
}
