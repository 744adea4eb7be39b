using System.Collections.Concurrent;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>
/// Finds the credential of a registry: the one that was given, then this process's logins, then <c>DOCKER_AUTH_CONFIG</c>,
/// <c>REGISTRY_AUTH_FILE</c> and Docker's <c>config.json</c> with its helpers; where there is none, one is anonymous.
/// </summary>
/// <param name="given">The credential of this command; null where it was given none.</param>
/// <param name="environment">Where stored ones are; null for this process's environment.</param>
public sealed class CredentialResolver(RegistryCredential? given, CredentialEnvironment? environment = null)
{
    // Of the process, so that every runspace has them; gone with it.
    private static readonly ConcurrentDictionary<string, RegistryCredential> SessionLogins = new(StringComparer.Ordinal);

    private readonly CredentialEnvironment _environment = environment ?? CredentialEnvironment.OfProcess();
    private readonly ConcurrentDictionary<string, Lazy<Task<RegistryCredential?>>> _stored = new(StringComparer.Ordinal);

    /// <summary>The credential of a registry; null for anonymous.</summary>
    /// <exception cref="CredentialStoreException">A stored credential cannot be read.</exception>
    public async Task<RegistryCredential?> ResolveAsync(string registry, CancellationToken cancel) =>
        given ?? SessionLogins.GetValueOrDefault(registry)
        ?? await _stored.GetOrAdd(registry, _ => new Lazy<Task<RegistryCredential?>>(() => ReadStoredAsync(registry, cancel))).Value.ConfigureAwait(false);

    /// <summary>Keeps a credential for later commands.</summary>
    /// <returns>Where it is kept: <c>Session</c>, the helper's name, or the file.</returns>
    public async Task<string> KeepAsync(string registry, RegistryCredential credential, bool sessionOnly, CancellationToken cancel)
    {
        SessionLogins[registry] = credential;
        if (sessionOnly)
            return "Session";
        var config = await DockerConfig.ReadAsync(_environment.DockerConfigFile, cancel).ConfigureAwait(false);
        if (config.HelperFor(registry) is { } helper)
        {
            await helper.StoreAsync(DockerConfig.KeyOf(registry), credential, cancel).ConfigureAwait(false);
            return helper.Program;
        }
        config.Set(registry, credential);
        await config.WriteAsync(cancel).ConfigureAwait(false);
        return _environment.DockerConfigFile;
    }

    /// <summary>Forgets the credential of a registry in this process and where Docker keeps it.</summary>
    public async Task ForgetAsync(string registry, CancellationToken cancel)
    {
        SessionLogins.TryRemove(registry, out _);
        var config = await DockerConfig.ReadAsync(_environment.DockerConfigFile, cancel).ConfigureAwait(false);
        if (config.HelperFor(registry) is { } helper)
            await helper.EraseAsync(DockerConfig.KeyOf(registry), cancel).ConfigureAwait(false);
        if (config.Remove(registry))
            await config.WriteAsync(cancel).ConfigureAwait(false);
    }

    private async Task<RegistryCredential?> ReadStoredAsync(string registry, CancellationToken cancel)
    {
        if (_environment.DockerAuthConfig is { Length: > 0 } text && DockerConfig.Parse(text, "DOCKER_AUTH_CONFIG").Find(registry) is { } inherited)
            return inherited;
        if (_environment.RegistryAuthFile is { Length: > 0 } file
            && await ReadFileAsync(file, registry, cancel).ConfigureAwait(false) is { } ofFile)
            return ofFile;
        return await ReadFileAsync(_environment.DockerConfigFile, registry, cancel).ConfigureAwait(false);
    }

    private static async Task<RegistryCredential?> ReadFileAsync(string path, string registry, CancellationToken cancel)
    {
        var config = await DockerConfig.ReadAsync(path, cancel).ConfigureAwait(false);
        return config.HelperFor(registry) is { } helper
            ? await helper.GetAsync(DockerConfig.KeyOf(registry), cancel).ConfigureAwait(false) ?? config.Find(registry)
            : config.Find(registry);
    }
}
