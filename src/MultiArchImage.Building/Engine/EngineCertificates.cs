using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MultiArchImage.Building.Engine;

/// <summary>The certificates of a TLS connection to an engine, in a folder with Docker's names: <c>ca.pem</c>, <c>cert.pem</c>, <c>key.pem</c>.</summary>
/// <param name="Folder">The folder; each file may be missing.</param>
/// <param name="IsServerChecked">Whether the engine's certificate must be valid.</param>
internal sealed record EngineCertificates(string Folder, bool IsServerChecked)
{
    /// <summary>Sets up the client's side of TLS.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "The user's Docker context says so: SkipTLSVerify.")]
    public void Configure(SslClientAuthenticationOptions options)
    {
        if (File.Exists(At("cert.pem")))
            options.ClientCertificates = [LoadClient()];
        if (!IsServerChecked)
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        else if (File.Exists(At("ca.pem")))
            options.CertificateChainPolicy = TrustOnly(At("ca.pem"));
    }

    private X509Certificate2 LoadClient()
    {
        using var certificate = X509Certificate2.CreateFromPemFile(At("cert.pem"), At("key.pem"));
        // Windows' TLS takes no key that is in memory only.
        return new X509Certificate2(certificate.Export(X509ContentType.Pfx));
    }

    private static X509ChainPolicy TrustOnly(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }

    private string At(string name) => Path.Combine(Folder, name);
}
