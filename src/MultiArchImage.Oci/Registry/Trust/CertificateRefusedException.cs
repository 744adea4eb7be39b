using System.Security.Authentication;

namespace MultiArchImage.Oci.Registry.Trust;

/// <summary>A registry is not who it says, on its way through the TLS stack to where it becomes a failure of this module's.</summary>
/// <param name="reason">Why.</param>
/// <param name="remedy">What to do; null to have its authority trusted.</param>
internal sealed class CertificateRefusedException(string reason, string? remedy) : AuthenticationException(reason)
{
    /// <summary>What to do; null to have its authority trusted.</summary>
    public string? Remedy => remedy;
}
