using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>
/// What each operation on two images costs, counted in the registry's log: the least that the wire needs, and the one HEAD that looks at the name
/// before it is written. Creating is counted in <see cref="RegistryPipelineTests"/>.
/// </summary>
public sealed class RequestFloorTests : IAsyncLifetime
{
    private const string Sources = "${repository}:k8s-amd64-latest, ${repository}:k8s-arm64-latest";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new() { ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello") };
    private RegistryProcess _registry = null!;

    public async ValueTask InitializeAsync()
    {
        _session.Location = _folder.Path;
        if (!Requirements.HasRegistry)
            return;
        _registry = await RegistryProcess.StartAsync();
        _variables["repository"] = $"{_registry.Host}/akraino/validation";
        await RunAsync("""
            New-ArchImage $hello -Repository $repository -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Output oci:build |
                Publish-ArchImage | New-FatManifest
            """);
        await CountAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _session.Dispose();
        _folder.Dispose();
    }

    [RegistryFact]
    public async Task What_is_there_already_is_read_and_not_written()
    {
        await RunAsync($"New-FatManifest {Sources}");
        Assert.Equal(["2 GET blobs", "2 GET manifests", "1 HEAD manifests"], await CountAsync());
    }

    [RegistryFact]
    public async Task A_digest_costs_one_request_entries_one_and_configs_two_more_an_image()
    {
        await RunAsync("Get-FatManifest ${repository}:k8s-latest -IndexOnly");
        Assert.Equal(["1 GET manifests"], await CountAsync());
        await RunAsync("Get-FatManifest ${repository}:k8s-latest");
        Assert.Equal(["2 GET blobs", "3 GET manifests"], await CountAsync());
        await RunAsync("Get-FatManifest ${repository}:k8s-latest -Config");
        Assert.Equal(["2 GET blobs", "3 GET manifests"], await CountAsync());
    }

    [RegistryFact]
    public async Task A_test_costs_the_fat_manifest_and_two_an_image()
    {
        await RunAsync("Test-FatManifest ${repository}:k8s-latest");
        Assert.Equal(["2 GET blobs", "3 GET manifests"], await CountAsync());
    }

    [RegistryFact]
    public async Task To_add_an_image_costs_four_and_the_two_looks_that_keep_others_whole()
    {
        await RunAsync("New-FatManifest ${repository}:k8s-amd64-latest -Name ${repository}:fat");
        await CountAsync();
        await RunAsync("Update-FatManifest ${repository}:fat ${repository}:k8s-arm64-latest");
        Assert.Equal(["1 GET blobs", "2 GET manifests", "2 HEAD manifests", "1 PUT manifests"], await CountAsync());
    }

    [RegistryFact]
    public async Task Three_tags_cost_one_PUT_each_after_the_one_by_digest()
    {
        await RunAsync($"New-FatManifest {Sources} -Name ${{repository}}:1.0 -Tag 1, newest");
        Assert.Equal(["2 GET blobs", "2 GET manifests", "3 HEAD manifests", "4 PUT manifests"], await CountAsync());
    }

    [RegistryFact]
    public async Task Images_of_another_repository_are_read_once_and_mounted_with_one_request_a_blob()
    {
        await RunAsync($"New-FatManifest {Sources} -Name ${{repository}}-released:1.0");
        Assert.Equal(["2 GET blobs", "2 GET manifests", "1 HEAD manifests", "4 POST blobs", "3 PUT manifests"], await CountAsync());
    }

    [RegistryFact]
    public async Task What_WhatIf_foretells_is_what_it_costs()
    {
        await RunAsync("$global:images = Get-ArchImage ${repository}:k8s-amd64-*, ${repository}:k8s-arm64-* -Remote");
        var plan = await _session.ShowAsync("$images | New-FatManifest -Name ${repository}-released:1.0 -Tag 1 -WhatIf", _variables);
        Assert.Matches("2 manifests and 4 blobs from .*/akraino/validation: 4 mounted, [0-9.]+ k?B", plan);
        Assert.Contains("11 requests to carry it out, 2 pulls among them", plan);
        Assert.DoesNotContain(await CountAsync(), kind => kind.Contains("PUT") || kind.Contains("POST"));
        await RunAsync("$images | New-FatManifest -Name ${repository}-released:1.0 -Tag 1 -Force");
        Assert.Equal(["2 GET manifests", "4 POST blobs", "5 PUT manifests"], await CountAsync());
    }

    private async Task RunAsync(string script) => (await _session.RunAsync(script, _variables)).WithoutErrors();

    private async Task<IEnumerable<string>> CountAsync() => (await _registry.TakeRequestsAsync())
        .GroupBy(request => $"{request.Method} {(request.Path.Contains("/manifests/", StringComparison.Ordinal) ? "manifests" : "blobs")}")
        .OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => $"{same.Count()} {same.Key}");
}
