using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MultiArchImage.Building.Engine;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;

namespace MultiArchImage.Building.Tests.Engine;

public sealed class EngineEndpointTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    public static TheoryData<string> Nowhere => ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1", "tcp://no-such-host.invalid:2375"];

    public void Dispose() => _home.Dispose();

    [Fact]
    public void What_was_asked_for_comes_before_the_environment_and_that_before_contexts()
    {
        AddContext("ci", "tcp://ci:2375");
        AddContext("lab", "tcp://lab:2375");
        _home.Write(".docker/config.json", """{ "currentContext": "ci" }""");

        Assert.Equal(("tcp://a:1/", "-DockerHost"), Resolve("tcp://a:1", ("DOCKER_HOST", "tcp://b:1"), ("DOCKER_CONTEXT", "lab")));
        Assert.Equal(("tcp://b:1/", "DOCKER_HOST"), Resolve(null, ("DOCKER_HOST", "tcp://b:1"), ("DOCKER_CONTEXT", "lab")));
        Assert.Equal(("tcp://lab:2375/", "Docker context \"lab\" of DOCKER_CONTEXT"), Resolve(null, ("DOCKER_HOST", ""), ("DOCKER_CONTEXT", "lab")));
        Assert.Equal(("tcp://ci:2375/", "Docker context \"ci\" of config.json"), Resolve(null));
    }

    [Fact]
    public void Without_any_of_them_it_is_the_usual_place_of_the_platform()
    {
        Assert.Equal("npipe://./pipe/docker_engine", Endpoint(isWindows: true).Address.OriginalString);
        Assert.StartsWith("unix:///", Endpoint(isWindows: false).Address.OriginalString);
        _home.Write(".docker/config.json", """{ "currentContext": "default" }""");
        Assert.Equal("npipe://./pipe/docker_engine", Endpoint(isWindows: true).Address.OriginalString);
    }

    [Fact]
    public void Docker_s_folder_may_be_elsewhere()
    {
        _home.Write("elsewhere/config.json", """{ "currentContext": "none" }""");
        var failure = Assert.Throws<EngineUnavailableException>(() => Resolve(null, ("DOCKER_CONFIG", _home["elsewhere"])));
        Assert.Contains("none", failure.Message);
    }

    [Fact]
    public void Certificates_are_those_of_the_context_or_of_the_environment()
    {
        var id = AddContext("ci", "tcp://ci:2376");
        _home.Write($".docker/contexts/tls/{id}/docker/ca.pem", "");
        var ofContext = EngineEndpoint.Resolve(null, Environment(false, ("DOCKER_CONTEXT", "ci"))).Certificates;
        Assert.Equal(new EngineCertificates(_home[".docker", "contexts", "tls", id, "docker"], true), ofContext);

        var ofVariables = EngineEndpoint.Resolve("tcp://a:2376", Environment(false, ("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", "/certs")));
        Assert.Equal(new EngineCertificates("/certs", true), ofVariables.Certificates);
        Assert.Null(EngineEndpoint.Resolve("unix:///x", Environment(false, ("DOCKER_TLS_VERIFY", "1"))).Certificates);
    }

    [Theory]
    [InlineData("ssh://user@host", "ssh is not supported")]
    [InlineData("no address", "it is no address")]
    public void An_address_that_cannot_be_used_is_refused(string address, string reason)
    {
        var failure = Assert.Throws<EngineUnavailableException>(() => Resolve(address));
        Assert.Contains(reason, failure.Message);
    }

    [Fact]
    public void A_damaged_config_is_named()
    {
        _home.Write(".docker/config.json", "{ not json");
        Assert.Contains("config.json", Assert.Throws<EngineUnavailableException>(() => Resolve(null)).Message);
    }

    [Theory]
    [MemberData(nameof(Nowhere))]
    public async Task An_engine_that_is_not_there_is_told(string address)
    {
        Assert.Contains("-DockerHost", (await FailAsync(address)).Message);
    }

    [Theory]
    [Needs(Part.Speed)]
    [MemberData(nameof(Nowhere))]
    public async Task It_is_told_within_five_seconds(string address)
    {
        var watch = Stopwatch.StartNew();
        await FailAsync(address);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    [Needs(Part.Speed)]
    public async Task An_engine_that_does_not_answer_is_told_within_five_seconds()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var watch = Stopwatch.StartNew();
        var failure = await FailAsync($"tcp://{silent.LocalEndpoint}");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Contains("no answer within", failure.Message);
    }

    private static Task<EngineUnavailableException> FailAsync(string address) => Assert.ThrowsAsync<EngineUnavailableException>(
        () => DockerEngine.ConnectAsync(address, NullSink.Instance, TestContext.Current.CancellationToken));

    private string AddContext(string name, string host)
    {
        var id = Digest.Of(System.Text.Encoding.UTF8.GetBytes(name)).Hex;
        _home.Write($".docker/contexts/meta/{id}/meta.json", $$"""{ "Name": "{{name}}", "Endpoints": { "docker": { "Host": "{{host}}", "SkipTLSVerify": false } } }""");
        return id;
    }

    private (string Address, string Source) Resolve(string? dockerHost, params (string Name, string Value)[] variables)
    {
        var endpoint = EngineEndpoint.Resolve(dockerHost, Environment(false, variables));
        return (endpoint.Address.ToString(), endpoint.Source);
    }

    private EngineEndpoint Endpoint(bool isWindows) => EngineEndpoint.Resolve(null, Environment(isWindows));

    private EngineEnvironment Environment(bool isWindows, params (string Name, string Value)[] variables) =>
        new(_home.Path, isWindows, variables.ToDictionary(variable => variable.Name, variable => variable.Value));
}
