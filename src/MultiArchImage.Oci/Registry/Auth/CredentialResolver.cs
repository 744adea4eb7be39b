using System.Collections.Concurrent;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>
/// Finds the credential of a registry: the one that was given, then this process's logins, then <c>DOCKER_AUTH_CONFIG</c>,
/// <c>REGISTRY_AUTH_FILE</c> and Docker's <c>config.json</c>, each with its helpers; where there is none, one is anonymous.
/// </summary>
/// <param name="given">The credential of this command; null where it was given none.</param>
/// <param name="environment">Where stored ones are; null for this process's environment.</param>
public sealed class CredentialResolver(RegistryCredential? given, CredentialEnvironment? environment = null)
{
    private const string Session = "Session";

    // Of the process, so that every runspace has them; gone with it.
    private static readonly ConcurrentDictionary<string, RegistryCredential> SessionLogins = new(StringComparer.Ordinal);

    private readonly LoginStore _store = new(environment ?? CredentialEnvironment.OfProcess());

    /// <summary>The credential of a registry; null for anonymous.</summary>
    /// <param name="registry">Host and port.</param>
    /// <param name="repository">The repository, whose namespace may have a login of its own; null for the registry itself.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="CredentialStoreException">A stored credential cannot be read.</exception>
    public async Task<RegistryCredential?> ResolveAsync(string registry, string? repository, CancellationToken cancel) =>
        given ?? SessionLogins.GetValueOrDefault(registry) ?? (await _store.FindAsync(registry, repository, cancel).ConfigureAwait(false))?.Credential;

    /// <summary>The user that is logged in to a registry, and where that login is kept: <c>Session</c>, a helper, a file or a variable; null for nobody and nowhere.</summary>
    /// <exception cref="CredentialStoreException">A stored credential cannot be read.</exception>
    public async Task<(string? UserName, string? StoredIn)> DescribeAsync(string registry, CancellationToken cancel)
    {
        if (given is not null)
            return ($"{given}", null);
        if (SessionLogins.TryGetValue(registry, out var login))
            return ($"{login}", Session);
        var found = await _store.FindAsync(registry, null, cancel).ConfigureAwait(false);
        return ($"{found?.Credential}" is { Length: > 0 } user ? user : null, found?.StoredIn);
    }

    /// <summary>The registries with a login, of this process or a stored one, in the order of their names.</summary>
    /// <exception cref="CredentialStoreException">Stored credentials cannot be read.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel) =>
        [.. SessionLogins.Keys.Concat(await _store.ListAsync(cancel).ConfigureAwait(false)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Whether there is a login for a registry, as far as that can be told without asking a helper.</summary>
    internal async Task<bool> HasLoginAsync(string registry, CancellationToken cancel) =>
        given is not null || SessionLogins.ContainsKey(registry) || await _store.NamesAsync(registry, cancel).ConfigureAwait(false);

    /// <summary>Keeps a credential for later commands.</summary>
    /// <returns>Where it is kept: <c>Session</c>, the helper's name, or the file.</returns>
    /// <exception cref="CredentialStoreException">It cannot be written.</exception>
    public async Task<string> KeepAsync(string registry, RegistryCredential credential, bool sessionOnly, CancellationToken cancel)
    {
        var place = sessionOnly ? Session : await _store.KeepAsync(registry, credential, cancel).ConfigureAwait(false);
        SessionLogins[registry] = credential;
        return place;
    }

    /// <summary>Forgets the credential of a registry in this process and where Docker keeps it.</summary>
    /// <exception cref="CredentialStoreException">It cannot be taken out.</exception>
    public async Task ForgetAsync(string registry, CancellationToken cancel)
    {
        SessionLogins.TryRemove(registry, out _);
        await _store.ForgetAsync(registry, cancel).ConfigureAwait(false);
    }
}
