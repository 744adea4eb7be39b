using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>Registries that are only reached through a proxy, which <c>HTTP_PROXY</c> and <c>HTTPS_PROXY</c> name with its password.</summary>
public sealed class ProxyTests : IDisposable
{
    private readonly HostProcess _host = new();

    public void Dispose() => _host.Dispose();

    [RegistryFact]
    public async Task A_proxy_is_used_for_other_machines_and_its_password_is_shown_nowhere()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var proxy = new ForwardProxy(registry.Host, "anna", "hidden");
        _host.Environment["HTTP_PROXY"] = $"http://anna:hidden@{proxy.Host}";
        var shown = await RunAsync("Get-ArchRegistry registry.test:5000 -PlainHttp -Verbose -Debug");
        Assert.Matches(@"registry\.test:5000 +ready", shown);
        Assert.DoesNotContain("hidden", shown);
        Assert.Equal(1, proxy.Connections);
        Assert.Matches($@"{registry.Host} +ready", await RunAsync($"Get-ArchRegistry {registry.Host}"));
        Assert.Equal(1, proxy.Connections);
    }

    [RegistryFact]
    [Needs(Part.Keys)]
    public async Task TLS_goes_through_it_to_the_registry_itself()
    {
        using var authority = new CertificateAuthority();
        await using var registry = await RegistryProcess.StartWithTlsAsync(authority.Issue("registry.test"));
        using var proxy = new ForwardProxy(registry.Host, "anna", "hidden");
        _host.Environment["HTTPS_PROXY"] = $"http://anna:hidden@{proxy.Host}";
        Assert.Contains("its TLS certificate is from an authority that is not trusted here", await RunAsync("Get-ArchRegistry registry.test"));
        _host.Home.Write(".config/containers/certs.d/registry.test/ca.crt", authority.Pem);
        Assert.Matches(@"registry\.test +ready", await RunAsync("Get-ArchRegistry registry.test"));
    }

    [RegistryTheory]
    [InlineData("registry.test", "HTTPS_PROXY")]
    [InlineData("registry.test -PlainHttp", "HTTP_PROXY")]
    public async Task A_proxy_that_refuses_or_is_away_is_named_without_its_password(string registry, string variable)
    {
        using var proxy = new ForwardProxy("127.0.0.1:1", "anna", "right");
        _host.Environment[variable] = $"http://anna:hidden@{proxy.Host}";
        var refused = await RunAsync($"(Get-ArchRegistry {registry} -MaximumRetryCount 0).Problem");
        Assert.Contains($"the proxy {proxy.Host} wants a login; give it in {variable}, http://user:password@host:port", refused);
        _host.Environment[variable] = "http://anna:hidden@127.0.0.1:1";
        var away = await RunAsync($"(Get-ArchRegistry {registry} -MaximumRetryCount 0).Problem");
        Assert.Contains($"nothing listens at the proxy 127.0.0.1:1; check {variable}", away);
        Assert.DoesNotContain("hidden", refused + away);
    }

    private async Task<string> RunAsync(string script)
    {
        var result = await _host.RunAsync("-Command", script);
        return $"{result.Output}{result.Error}".Replace("\n", " ", StringComparison.Ordinal);
    }
}
