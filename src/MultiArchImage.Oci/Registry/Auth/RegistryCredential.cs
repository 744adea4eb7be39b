namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>Who one is at a registry.</summary>
/// <param name="UserName">The user; empty for an identity token.</param>
/// <param name="Secret">The password, access token or identity token.</param>
/// <param name="IsIdentityToken">Whether <paramref name="Secret"/> is an OAuth2 refresh token (Docker's <c>identitytoken</c>).</param>
public sealed record RegistryCredential(string UserName, string Secret, bool IsIdentityToken = false)
{
    /// <summary>The user, and never the secret.</summary>
    public override string ToString() => IsIdentityToken ? "identity token" : UserName;
}
