using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>What <see cref="AbortTests"/> read: two images of some size and their fat manifest in a registry, and a registry for what they write.</summary>
public sealed class AbortBench : IAsyncLifetime
{
    internal const int Seed = 20261130;

    private const int ImageSize = 12 * 1024 * 1024;

    private readonly TemporaryFolder _folder = new();
    private readonly List<HostProcess> _hosts = [];
    private RegistryProcess? _source;
    private RegistryProcess? _registry;

    /// <summary>Where the steps write to.</summary>
    public RegistryProcess Registry => _registry!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasRegistry)
            return;
        _source = await RegistryProcess.StartAsync();
        _registry = await RegistryProcess.StartAsync();
        var random = new Random(Seed);
        _folder.Write("context/Dockerfile", "FROM scratch\nARG TARGETARCH\nCOPY data-$TARGETARCH /data\n");
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            var content = new byte[ImageSize];
            random.NextBytes(content);
            await File.WriteAllBytesAsync(_folder["context", $"data-{architecture}"], content);
        }
        await SucceedAsync(NewHost(), $$"""
            New-ArchImage $env:CONTEXT -Repository team/app -Tag '{arch}-1' -Output 'oci:{{_folder["source"]}}' -Platform linux/amd64, linux/arm64 |
                Publish-ArchImage -Destination $env:SOURCE/team/app | New-FatManifest
            """);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _hosts.ForEach(host => host.Dispose());
        foreach (var registry in new[] { _source, _registry }.OfType<RegistryProcess>())
            await registry.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A process of its own, with a home that has the images as <c>source</c>, and a repository of its own to write to.</summary>
    public HostProcess NewHost()
    {
        var host = new HostProcess();
        lock (_hosts)
        {
            _hosts.Add(host);
            host.Environment["NAME"] = $"team/app{_hosts.Count}";
        }
        host.Environment["CONTEXT"] = _folder["context"];
        host.Environment["SOURCE"] = _source!.Host;
        host.Environment["REGISTRY"] = _registry!.Host;
        if (Directory.Exists(_folder["source"]))
            Directory.CreateSymbolicLink(host.Home["source"], _folder["source"]);
        return host;
    }

    /// <summary>Runs a script to its end.</summary>
    /// <returns>What it put out.</returns>
    public static async Task<string> SucceedAsync(HostProcess host, string script)
    {
        var result = await host.RunAsync("-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; {script}");
        Assert.True(result.ExitCode == 0, $"{script}\n{result.Output}{result.Error}");
        return result.Output.Trim();
    }
}
