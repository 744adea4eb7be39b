using MultiArchImage.Oci.Registry.Http;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>Why a registry let nobody in, in words that tell what to do.</summary>
internal static class Unauthorized
{
    /// <summary>Why a credential, or none, was refused.</summary>
    public static string Reason(RegistryCredential? credential) => credential switch
    {
        null => "no credentials found",
        { IsIdentityToken: true } => "the stored identity token was refused",
        _ => $"the password of user '{credential.UserName}' was refused",
    };

    /// <summary>Why a request was refused although its token is new: the server gave one that allows less than was asked for.</summary>
    public static string Reason(RegistryCredential? credential, RegistryRequest request) => credential switch
    {
        _ when credential is null || request.Scopes.Count == 0 => Reason(credential),
        _ => $"{(credential.IsIdentityToken ? "the stored identity token" : $"user '{credential.UserName}'")} has no right to {TokenScopes.Of(request.Scopes)}",
    };
}
