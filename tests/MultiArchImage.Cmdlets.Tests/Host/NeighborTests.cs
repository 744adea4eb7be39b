using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Host;

/// <summary>The module beside others that bring what it brings, in other versions, whoever is imported first.</summary>
public sealed class NeighborTests : IDisposable
{
    // Uses the engine's client (Docker.DotNet, Protobuf, Microsoft.Extensions.*), YamlDotNet, and JSON in and out.
    private const string Ours = """
        New-ArchImage app -Tag '{arch}-1.0' -Platform linux/amd64, linux/arm64 -Output oci:build | New-FatManifest | ForEach-Object Status
        Resolve-ArchTag -Method YamlFile
        try { Get-ArchImage -DockerHost tcp://127.0.0.1:1 -ErrorAction Stop } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
        """;

    private readonly HostProcess _host = new();

    public NeighborTests()
    {
        NeighborModule.Write(_host.Home, "Older", ("Google.Protobuf", "3.1.0.0"), ("Microsoft.Extensions.Logging.Abstractions", "2.0.0.0"), ("YamlDotNet", "4.0.0.0"));
        NeighborModule.Write(
            _host.Home, "Newer", ("Docker.DotNet", "99.0.0.0"), ("Microsoft.Extensions.DependencyInjection.Abstractions", "99.0.0.0"), ("Newtonsoft.Json", "99.0.0.0"));
        _host.Home.Write("app/Dockerfile", "FROM scratch\nCOPY Dockerfile /");
        _host.Home.Write("container-tag.yaml", "tag: 1.2.3");
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("Import-Module ./Older/Older.psd1, ./Newer/Newer.psd1", "")]
    [InlineData("", "Import-Module ./Older/Older.psd1, ./Newer/Newer.psd1")]
    public async Task Both_work(string before, string after)
    {
        var result = await _host.RunAsync("-Command", string.Join('\n', "$ErrorActionPreference = 'Stop'", before, Ours, after, "Get-Older", "Get-Newer"));
        Assert.True(result.Error.Length == 0, result.Error);
        Assert.Equal(
            ["Created", "1.2.3", "EngineUnavailable", "3.1.0.0", "2.0.0.0", "4.0.0.0", "99.0.0.0", "99.0.0.0", "99.0.0.0"],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
