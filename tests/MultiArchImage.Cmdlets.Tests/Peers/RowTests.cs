using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Peers;

/// <summary>Rows of <c>docs/comparison.md</c> that no other test shows.</summary>
public sealed class RowTests : IAsyncLifetime
{
    private readonly PowerShellSession _session = new();
    private RegistryProcess? _registry;
    private BareRepository? _repository;

    private BareRepository Repository => _repository!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasRegistry)
            return;
        _registry = await RegistryProcess.StartAsync();
        _repository = new BareRepository(_registry.Host, "team/app");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        _repository?.Dispose();
        if (_registry is not null)
            await _registry.DisposeAsync();
    }

    [RegistryFact]
    public async Task Digests_are_joined_under_a_name()
    {
        var (amd64, arm64) = (await Repository.PushImageAsync(null, "linux/amd64"), await Repository.PushImageAsync(null, "linux/arm64"));
        await RunAsync($"New-FatManifest ${{repository}}@{amd64}, ${{repository}}@{arm64} -Name ${{repository}}:fat");
        Assert.Equal([amd64, arm64], (await Repository.GetIndexAsync("fat")).Digests);
    }

    [RegistryFact]
    public async Task Images_of_a_layout_are_joined_in_a_registry()
    {
        using var folder = new TemporaryFolder();
        folder.Write("any/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
        _session.Location = folder.Path;
        await RunAsync("New-ArchImage any -Repository $repository -Tag '{arch}-latest' -Platform linux/amd64, linux/arm64 -Output oci:build");
        await RunAsync("New-FatManifest oci:build:amd64-latest, oci:build:arm64-latest -Name ${repository}:latest");
        Assert.Equal(["linux/amd64", "linux/arm64"], (await Repository.GetIndexAsync("latest")).Platforms);
        Assert.Equal([true], (await RunAsync("Test-FatManifest ${repository}:latest -Deep")).Output.Select(item => item.BaseObject));
    }

    [RegistryFact]
    public async Task A_list_becomes_an_index_and_a_list_again()
    {
        await PushTwoAsync(docker: true);
        await RunAsync("New-FatManifest ${repository}:amd64, ${repository}:arm64 -Name ${repository}:list");
        await RunAsync("New-FatManifest ${repository}:list -Name ${repository}:index -Format Oci");
        await RunAsync("New-FatManifest ${repository}:index -Name ${repository}:again -Format Docker");
        var (list, index, again) = (await Repository.GetIndexAsync("list"), await Repository.GetIndexAsync("index"), await Repository.GetIndexAsync("again"));
        Assert.Equal([BareRepository.DockerList, BareRepository.OciIndex], new[] { list.MediaType, index.MediaType });
        Assert.Equal(list.Digests, index.Digests);
        Assert.Equal(list.Digest, again.Digest);
    }

    [RegistryFact]
    public async Task Two_fat_manifests_become_one()
    {
        await PushTwoAsync();
        await Repository.PushImageAsync("riscv64", "linux/riscv64");
        await RunAsync("""
            New-FatManifest ${repository}:amd64, ${repository}:arm64 -Name ${repository}:one
            New-FatManifest ${repository}:riscv64 -Name ${repository}:other
            New-FatManifest ${repository}:one, ${repository}:other -Name ${repository}:both
            """);
        Assert.Equal(["linux/amd64", "linux/arm64", "linux/riscv64"], (await Repository.GetIndexAsync("both")).Platforms);
    }

    private async Task PushTwoAsync(bool docker = false)
    {
        await Repository.PushImageAsync("amd64", "linux/amd64", docker);
        await Repository.PushImageAsync("arm64", "linux/arm64", docker);
    }

    private async Task<SessionResult> RunAsync(string script) =>
        (await _session.RunAsync(script, new Dictionary<string, object?> { ["repository"] = Repository.Reference })).WithoutErrors();
}
