using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MultiArchImage.Oci.Registry.Trust;

/// <summary>Whom a registry is believed to be, and as whom one shows up there: what its folder of certificates says.</summary>
/// <param name="Authorities">Authorities besides those of this machine.</param>
/// <param name="Clients">What one shows to a registry that wants a certificate.</param>
internal sealed record RegistryTrust(X509Certificate2Collection Authorities, X509Certificate2Collection Clients)
{
    /// <summary>That of this machine alone.</summary>
    public static RegistryTrust OfMachine { get; } = new([], []);

    /// <summary>Reads a folder.</summary>
    /// <exception cref="CertificateFileException">A file of it is damaged, or lacks its other half.</exception>
    public static RegistryTrust Read(string folder)
    {
        var trust = new RegistryTrust([], []);
        foreach (var file in Files(folder, "*.crt"))
        {
            var before = trust.Authorities.Count;
            Import(file, () => trust.Authorities.ImportFromPemFile(file));
            if (trust.Authorities.Count == before)
                throw new CertificateFileException(file, "holds no certificate", "put an authority's certificate there, in PEM");
        }
        foreach (var file in Files(folder, "*.cert"))
        {
            var key = Path.ChangeExtension(file, ".key");
            if (!File.Exists(key))
                throw new CertificateFileException(file, $"has no {Path.GetFileName(key)} beside it", "put the key of the client certificate there; an authority's certificate ends with .crt");
            Import(file, () => trust.Clients.Add(ReadClient(file, key)));
        }
        foreach (var key in Files(folder, "*.key").Where(key => !File.Exists(Path.ChangeExtension(key, ".cert"))))
            throw new CertificateFileException(key, $"has no {Path.GetFileName(Path.ChangeExtension(key, ".cert"))} beside it", "put the client certificate of the key there");
        return trust;
    }

    /// <summary>Whether a registry is who it says, for <see cref="SslStream"/>.</summary>
    /// <param name="host">Who was asked for.</param>
    /// <param name="certificate">What it showed.</param>
    /// <param name="chain">Who vouches for that.</param>
    /// <param name="errors">What this machine finds wrong.</param>
    /// <exception cref="CertificateRefusedException">It is not.</exception>
    public bool Accepts(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (certificate is null || chain is null)
            throw new CertificateRefusedException("it shows no TLS certificate", "check host and port");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            throw new CertificateRefusedException($"its TLS certificate is for {Names(certificate)}, not for {host}", "check the name, or have the certificate made for it");
        var problem = Authorities.Count > 0 ? Rebuild(certificate, chain) : chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        return problem == X509ChainStatusFlags.NoError ? true : throw Refusal(certificate, problem);
    }

    // The registry's own authorities in the place of the machine's: that one did not vouch for it is known already.
    private X509ChainStatusFlags Rebuild(X509Certificate2 certificate, X509Chain seen)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in seen.ChainElements)
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate)
            ? X509ChainStatusFlags.NoError
            : chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
    }

    private static CertificateRefusedException Refusal(X509Certificate2 certificate, X509ChainStatusFlags problem)
    {
        if (problem.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return new CertificateRefusedException(
                $"its TLS certificate is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}", "have it renewed, or check the clock of this machine");
        }
        var isUnknown = (problem & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0;
        return new CertificateRefusedException(
            isUnknown ? $"its TLS certificate is from an authority that is not trusted here ({certificate.Issuer})" : $"its TLS certificate is not trusted ({problem})",
            remedy: null);
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => $"{address}"))).ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.Subject;
    }

    private static IEnumerable<string> Files(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal);

    private static X509Certificate2 ReadClient(string file, string key)
    {
        var certificate = X509Certificate2.CreateFromPemFile(file, key);
        if (!OperatingSystem.IsWindows())
            return certificate;
        // Windows' TLS wants keys that it holds itself.
        using (certificate)
            return new X509Certificate2(certificate.Export(X509ContentType.Pkcs12));
    }

    private static void Import(string file, Action import)
    {
        try
        {
            import();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateFileException(file, $"cannot be read: {e.Message}", "check that it is PEM, and that this user may read it", e);
        }
    }
}
