using System.Net;
using System.Security.Cryptography;
using System.Text;
using MultiArchImage.Oci.Registry.Auth;

namespace MultiArchImage.Oci.Serving;

/// <summary>The one user that a registry lets in (RFC 7617: Basic).</summary>
internal sealed class BasicLogin(RegistryCredential credential)
{
    private const string Scheme = "Basic ";

    // Hashes are of one length: a comparison of them takes the same time whatever was sent.
    private readonly byte[] _expected = SHA256.HashData(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Secret}"));

    /// <summary>Lets a request pass.</summary>
    /// <param name="authorization">Its <c>Authorization</c> header.</param>
    /// <exception cref="RefusedException">It has none, or another user or password: 401.</exception>
    public void Require(string? authorization)
    {
        if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true && IsRight(authorization[Scheme.Length..].Trim()))
            return;
        throw new RefusedException(HttpStatusCode.Unauthorized, "UNAUTHORIZED", "this registry wants the user and password that it was started with")
        {
            Headers = [("WWW-Authenticate", """Basic realm="MultiArchImage", charset="UTF-8" """.TrimEnd())],
        };
    }

    private bool IsRight(string encoded)
    {
        var sent = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, sent, out var length)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(sent.AsSpan(0, length)), _expected);
    }
}
