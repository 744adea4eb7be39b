using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary><c>Remove-ArchImage</c> as a user has it: names, objects, wildcards; the engine, a registry, a layout.</summary>
public sealed class RemovalTests : IAsyncLifetime
{
    private const string Fill =
        "New-ArchImage $hello -Repository $repository -Tag '1.0-{arch}' -Platform linux/amd64, linux/arm64 -Output oci:build | Publish-ArchImage | New-FatManifest -Tag '1.0', 'latest'";

    private const string Name = "removal.example/app";
    private const string EmptyEngine = $"Get-ArchImage {Name}:* -DockerHost $engine | Remove-ArchImage -DockerHost $engine";

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
        _variables["repository"] = $"{_registry.Host}/team/app";
        _variables["engine"] = Requirements.DockerHost;
    }

    public async ValueTask DisposeAsync()
    {
        if (Requirements.HasEngineAndRegistry)
            await RunAsync(EmptyEngine);
        if (_registry is not null)
            await _registry.DisposeAsync();
        _session.Dispose();
        _folder.Dispose();
    }

    [RegistryFact]
    public async Task A_name_with_Remote_loses_its_tag_and_nothing_is_written()
    {
        await RunAsync(Fill);
        Assert.Empty((await RunAsync("Remove-ArchImage ${repository}:1.0 -Remote")).Output);
        Assert.Equal(["1.0-amd64", "1.0-arm64", "latest"], await TagsAsync());
    }

    [RegistryFact]
    public async Task Objects_are_removed_from_where_they_are()
    {
        await RunAsync($"$fat = {Fill}; $fat | Remove-ArchImage; Get-ArchImage ${{repository}}:*-arm64 -Remote | Remove-ArchImage");
        Assert.Equal(["1.0-amd64", "latest"], await TagsAsync());
        await RunAsync("Get-ArchImage oci:build:*-arm64 | Remove-ArchImage -Recurse");
        Assert.Equal([$"oci:{_folder["build"]}:1.0-amd64"], (await RunAsync("Get-ArchImage oci:build")).Values("Reference"));
    }

    [RegistryFact]
    public async Task An_object_that_another_job_saved_is_removed_from_where_it_is()
    {
        _variables["saved"] = (await RunAsync($"({Fill}).Reference")).Output.Single();
        await RunAsync("[pscustomobject]@{ Reference = $saved; Location = 'Registry' } | Remove-ArchImage");
        Assert.Equal(["1.0-amd64", "1.0-arm64", "latest"], await TagsAsync());
    }

    [RegistryFact]
    public async Task A_fat_manifest_goes_with_its_images_when_their_tags_went_before()
    {
        await RunAsync($"{Fill}; Remove-ArchImage ${{repository}}:1.0* -Remote; Remove-ArchImage $repository -Remote -Recurse");
        Assert.Empty(await TagsAsync());
    }

    [RegistryFact]
    public async Task WhatIf_shows_what_would_go_and_stay_and_removes_nothing()
    {
        await RunAsync(Fill);
        await _registry.TakeRequestsAsync();
        var shown = await _session.ShowAsync("Remove-ArchImage ${repository}:1.0* -Remote -Recurse -WhatIf", _variables);
        Assert.Contains($"Remove the tag {_variables["repository"]}:1.0; fat manifest", shown);
        Assert.Contains("stays for latest", shown);
        Assert.DoesNotContain(await _registry.TakeRequestsAsync(), request => request.Method is "DELETE" or "PUT" or "POST");
    }

    [RegistryFact]
    public async Task It_asks_when_told_to_and_only_then()
    {
        await RunAsync(Fill);
        _session.Answers.Enqueue("No");
        await RunAsync("Remove-ArchImage ${repository}:1.0 -Remote -Confirm");
        Assert.Contains($"Remove the tag {_variables["repository"]}:1.0?", _session.Questions.Single());
        Assert.Contains("1.0", await TagsAsync());
    }

    [RegistryFact]
    public async Task What_cannot_be_removed_is_an_error_each_and_stops_nothing()
    {
        await RunAsync(Fill);
        var result = await _session.RunAsync(
            "$child = (Get-FatManifest ${repository}:1.0).Entries[0].Digest; Remove-ArchImage ${repository}:none, \"$repository@$child\", ${repository}:1.0 -Remote", _variables);
        Assert.Equal(["ManifestNotFound", "StillNeeded"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.DoesNotContain("1.0", await TagsAsync());
    }

    [EngineFact]
    public async Task A_name_without_Remote_is_the_engines()
    {
        _folder.Write("context/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
        await RunAsync($"New-ArchImage context -Repository {Name} -Tag 'one-{{arch}}' -Platform linux/amd64 -DockerHost $engine | Out-Null; {Fill}");
        await RunAsync($"New-ArchImage context -Repository {Name} -Tag 'two-{{arch}}' -Platform linux/amd64 -DockerHost $engine | Out-Null");
        await RunAsync($"Remove-ArchImage {Name}:one-amd64 -DockerHost $engine");
        Assert.Equal([$"{Name}:two-amd64"], (await RunAsync($"Get-ArchImage {Name}:* -DockerHost $engine")).Values("Reference"));
        var missing = await _session.RunAsync($"Remove-ArchImage {Name}:one-amd64 -DockerHost $engine", _variables);
        Assert.Equal("ManifestNotFound", missing.Errors.Single().FullyQualifiedErrorId.Split(',')[0]);
        await RunAsync(EmptyEngine);
        Assert.Empty((await RunAsync($"Get-ArchImage {Name}:* -DockerHost $engine")).Output);
    }

    private async Task<IEnumerable<string>> TagsAsync()
    {
        using var http = new HttpClient();
        var list = await http.GetStringAsync(new Uri($"http://{_registry.Host}/v2/team/app/tags/list"));
        using var json = System.Text.Json.JsonDocument.Parse(list);
        return json.RootElement.GetProperty("tags") is { ValueKind: System.Text.Json.JsonValueKind.Array } tags
            ? [.. tags.EnumerateArray().Select(tag => tag.GetString()!).Order(StringComparer.Ordinal)]
            : [];
    }

    private async Task<SessionResult> RunAsync(string script) => (await _session.RunAsync(script, _variables)).WithoutErrors();
}
