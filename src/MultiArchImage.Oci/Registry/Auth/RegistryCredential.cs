namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>Who one is at a registry.</summary>
/// <param name="UserName">The user; may be empty for an identity token.</param>
/// <param name="Secret">The password, access token or identity token.</param>
/// <param name="IsIdentityToken">Whether <paramref name="Secret"/> is an OAuth2 refresh token (Docker's <c>identitytoken</c>).</param>
public sealed record RegistryCredential(string UserName, string Secret, bool IsIdentityToken = false)
{
    /// <summary>What Jenkins puts into the environment for a credential: <c>NAME_USR</c> and <c>NAME_PSW</c>.</summary>
    /// <exception cref="CredentialStoreException">One of them is not set.</exception>
    public static RegistryCredential FromEnvironment(string name)
    {
        var (user, password) = (Environment.GetEnvironmentVariable($"{name}_USR"), Environment.GetEnvironmentVariable($"{name}_PSW"));
        return user is { Length: > 0 } && password is { Length: > 0 }
            ? new RegistryCredential(user, password)
            : throw new CredentialStoreException(
                $"the environment has no {(user is { Length: > 0 } ? $"{name}_PSW" : $"{name}_USR")}", $"set {name}_USR and {name}_PSW, in Jenkins with withCredentials or credentials()");
    }

    /// <summary>The user, and never the secret.</summary>
    public override string ToString() => UserName.Length > 0 ? UserName : "identity token";
}
