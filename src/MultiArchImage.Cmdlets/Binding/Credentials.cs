using System.Management.Automation;
using MultiArchImage.Oci.Registry.Auth;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>PowerShell's credentials as the registry client takes them.</summary>
internal static class Credentials
{
    public static RegistryCredential ToRegistryCredential(this PSCredential credential) =>
        new(credential.UserName, credential.GetNetworkCredential().Password);
}
