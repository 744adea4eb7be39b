namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>Why a registry let nobody in, in words that tell what to do.</summary>
internal static class Unauthorized
{
    public static string Reason(RegistryCredential? credential) => credential switch
    {
        null => "no credentials found",
        { IsIdentityToken: true } => "the stored identity token was refused",
        _ => $"the password of user '{credential.UserName}' was refused",
    };
}
