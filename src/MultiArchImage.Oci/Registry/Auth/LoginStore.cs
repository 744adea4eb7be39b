using System.Collections.Concurrent;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>
/// The logins that are stored: the documents that the environment names, each read once, and their helpers, each asked once about a registry.
/// </summary>
internal sealed class LoginStore
{
    // Two logins of this process at once must both be in the file. Other processes replace it whole, too.
    private static readonly SemaphoreSlim Writing = new(1, 1);

    private readonly CredentialEnvironment _environment;
    private readonly Lazy<Task<IReadOnlyList<DockerConfig>>> _documents;
    private readonly ConcurrentDictionary<(DockerConfig, string), Lazy<Task<RegistryCredential?>>> _ofHelpers = new();

    public LoginStore(CredentialEnvironment environment)
    {
        _environment = environment;
        // Several requests wait for it: none of them may take it with it when it is cancelled.
        _documents = new(() => ReadAsync(CancellationToken.None));
    }

    /// <summary>The login of a repository's namespace, else of its registry, and where it is; null where none is stored.</summary>
    public async Task<StoredLogin?> FindAsync(string registry, string? repository, CancellationToken cancel)
    {
        foreach (var document in await _documents.Value.WaitAsync(cancel).ConfigureAwait(false))
        {
            if (await FindAsync(document, registry, repository, cancel).ConfigureAwait(false) is { } found)
                return found;
        }
        return null;
    }

    /// <summary>Whether a document names a registry. One that cannot be read names none: whoever needs it is told.</summary>
    public async Task<bool> NamesAsync(string registry, CancellationToken cancel)
    {
        try
        {
            return (await _documents.Value.WaitAsync(cancel).ConfigureAwait(false)).Any(document => document.Registries.Contains(registry));
        }
        catch (CredentialStoreException)
        {
            return false;
        }
    }

    /// <summary>The registries that have a login.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel)
    {
        var registries = new List<string>();
        foreach (var document in await _documents.Value.WaitAsync(cancel).ConfigureAwait(false))
        {
            registries.AddRange(document.Registries);
            if (document.Store is { } helper)
                registries.AddRange((await helper.ListAsync(cancel).ConfigureAwait(false)).Select(key => LoginKey.Parse(key).Registry));
        }
        return registries;
    }

    /// <summary>Stores a login where Docker does.</summary>
    /// <returns>The helper's name, or the file.</returns>
    public Task<string> KeepAsync(string registry, RegistryCredential credential, CancellationToken cancel) => ChangeAsync(
        async config =>
        {
            if (config.HelperFor(registry) is not { } helper)
            {
                config.Set(registry, credential);
                return (true, config.Name);
            }
            await helper.StoreAsync(LoginKey.Write(registry), credential, cancel).ConfigureAwait(false);
            return (config.SetKept(registry), helper.Program);
        },
        cancel);

    /// <summary>Forgets a login where Docker keeps it.</summary>
    public Task ForgetAsync(string registry, CancellationToken cancel) => ChangeAsync(
        async config =>
        {
            if (config.HelperFor(registry) is { } helper)
                await helper.EraseAsync(LoginKey.Write(registry), cancel).ConfigureAwait(false);
            return (config.Remove(registry), config.Name);
        },
        cancel);

    private async Task<string> ChangeAsync(Func<DockerConfig, Task<(bool IsChanged, string Place)>> change, CancellationToken cancel)
    {
        await Writing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var config = await DockerConfig.ReadAsync(_environment.DockerConfigFile, cancel).ConfigureAwait(false);
            var (isChanged, place) = await change(config).ConfigureAwait(false);
            if (isChanged)
                await config.WriteAsync(cancel).ConfigureAwait(false);
            return place;
        }
        finally
        {
            Writing.Release();
        }
    }

    private async Task<StoredLogin?> FindAsync(DockerConfig document, string registry, string? repository, CancellationToken cancel)
    {
        if (repository is not null && document.Find(registry, repository) is { } ofNamespace)
            return new StoredLogin(ofNamespace, document.Name);
        if (document.HelperFor(registry) is { } helper && await AskAsync(document, helper, registry).WaitAsync(cancel).ConfigureAwait(false) is { } kept)
            return new StoredLogin(kept, helper.Program);
        return document.Find(registry) is { } own ? new StoredLogin(own, document.Name) : null;
    }

    private Task<RegistryCredential?> AskAsync(DockerConfig document, CredentialHelper helper, string registry) => _ofHelpers.GetOrAdd(
        (document, registry), _ => new(() => helper.GetAsync(LoginKey.Write(registry), CancellationToken.None))).Value;

    private async Task<IReadOnlyList<DockerConfig>> ReadAsync(CancellationToken cancel)
    {
        var documents = new List<DockerConfig>();
        if (_environment.DockerAuthConfig is { Length: > 0 } text)
            documents.Add(DockerConfig.Parse(text, "DOCKER_AUTH_CONFIG"));
        if (_environment.RegistryAuthFile is { Length: > 0 } file)
            documents.Add(await DockerConfig.ReadAsync(file, cancel).ConfigureAwait(false));
        documents.Add(await DockerConfig.ReadAsync(_environment.DockerConfigFile, cancel).ConfigureAwait(false));
        return documents;
    }
}

/// <summary>A login and where it is.</summary>
internal sealed record StoredLogin(RegistryCredential Credential, string StoredIn);
