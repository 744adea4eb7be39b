using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Registry.Trust;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry;

/// <summary>Registries that speak TLS, and what <c>certs.d</c> says of them.</summary>
[Needs(Part.Keys)]
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryFolder _certificates = new();
    private readonly CertificateAuthority _authority = new();
    private readonly RecordingSink _sink = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _certificates.Dispose();
        _authority.Dispose();
    }

    [RegistryFact]
    public async Task An_authority_in_certs_d_is_believed_for_its_registry()
    {
        await using var registry = await RegistryProcess.StartWithTlsAsync(_authority.Issue("127.0.0.1"));
        Put(registry, "ca.crt", _authority.Pem);
        Assert.Null(await ResolveAsync(registry));
        Assert.Contains(_sink.Lines, line => line.StartsWith($"HEAD https://{registry.Host}/v2/a/manifests/1", StringComparison.Ordinal));
    }

    [RegistryFact]
    public async Task Another_authority_than_those_of_certs_d_is_not()
    {
        using var other = new CertificateAuthority();
        await using var registry = await RegistryProcess.StartWithTlsAsync(other.Issue("127.0.0.1"));
        Put(registry, "ca.crt", _authority.Pem);
        await FailsAsync(
            registry, $"from an authority that is not trusted here (CN={other.Name}); have the authority trusted by this machine, or put its certificate into /etc/docker/certs.d/HOST/ca.crt");
    }

    [RegistryFact]
    public async Task A_folder_without_authorities_trusts_those_of_the_machine()
    {
        await using var registry = await RegistryProcess.StartWithTlsAsync(_authority.Issue("127.0.0.1"));
        Put(registry, "readme.txt", "");
        await FailsAsync(registry, "from an authority that is not trusted here");
        // A certificate that is put there in a session counts at once.
        await Task.Delay(20, Cancel);
        Put(registry, "ca.crt", _authority.Pem);
        Assert.Null(await ResolveAsync(registry));
    }

    [RegistryFact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        await using var registry = await RegistryProcess.StartWithTlsAsync(_authority.Issue("registry.example.com"));
        Put(registry, "ca.crt", _authority.Pem);
        await FailsAsync(registry, "its TLS certificate is for registry.example.com, not for 127.0.0.1; check the name");
    }

    [RegistryFact]
    public async Task A_certificate_that_ran_out_is_refused_with_its_dates()
    {
        await using var registry = await RegistryProcess.StartWithTlsAsync(_authority.Issue("127.0.0.1", end: -1));
        Put(registry, "ca.crt", _authority.Pem);
        await FailsAsync(registry, "its TLS certificate is valid from ");
    }

    [RegistryFact]
    public async Task A_client_certificate_is_shown_where_it_is_asked_for()
    {
        await using var registry = await RegistryProcess.StartWithTlsAsync(_authority.Issue("127.0.0.1"), _authority.Pem);
        Put(registry, "ca.crt", _authority.Pem);
        await FailsAsync(registry, "client certificate");
        var (certificate, key) = _authority.Issue("jenkins");
        await Task.Delay(20, Cancel);
        Put(registry, "client.cert", certificate);
        await FailsAsync<CertificateFileException>(registry, "client.cert has no client.key beside it; put the key of the client certificate there");
        await Task.Delay(20, Cancel);
        Put(registry, "client.key", key);
        Assert.Null(await ResolveAsync(registry));
    }

    [RegistryTheory]
    [InlineData("ca.crt", "rubbish")]
    [InlineData("ca.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public async Task A_damaged_file_is_named(string name, string text)
    {
        await using var registry = await RegistryProcess.StartWithTlsAsync(_authority.Issue("127.0.0.1"));
        Put(registry, name, text);
        await FailsAsync<CertificateFileException>(registry, $"{name} ");
    }

    [RegistryFact]
    public async Task A_registry_without_TLS_that_was_expected_to_have_it_is_told_so()
    {
        await using var registry = await RegistryProcess.StartAsync();
        Put(registry, "ca.crt", _authority.Pem);
        await FailsAsync(registry, "it does not speak TLS as this machine does");
    }

    private Task FailsAsync(RegistryProcess registry, string problem) => FailsAsync<RegistryUnreachableException>(registry, problem);

    private async Task FailsAsync<T>(RegistryProcess registry, string problem)
        where T : ImageException
    {
        var failure = await Assert.ThrowsAsync<T>(() => ResolveAsync(registry));
        Assert.Contains(problem.Replace("HOST", registry.Host, StringComparison.Ordinal), failure.Message);
    }

    private Task<Descriptor?> ResolveAsync(RegistryProcess registry)
    {
        var options = new RegistryOptions { MaximumRetryCount = 0, Certificates = new CertificateFolders([_certificates.Path]) };
        return new RegistryClient(options, new CredentialResolver(null), _sink)
            .Open(ImageReference.Parse($"{registry.Host}/a")).ResolveAsync("1", Cancel);
    }

    // Windows has no colons in names; docker leaves them out there.
    private void Put(RegistryProcess registry, string name, string text) =>
        _certificates.Write($"{(OperatingSystem.IsWindows() ? registry.Host.Replace(":", "", StringComparison.Ordinal) : registry.Host)}/{name}", text);
}
