using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>Archives where names of registries and layouts can stand, and what skopeo and podman make of them.</summary>
public sealed class ArchivePipelineTests : IDisposable
{
    private const string Build =
        "New-ArchImage $hello -Repository registry.example/akraino/hello -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Output oci:build";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new() { ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello") };

    public ArchivePipelineTests() => _session.Location = _folder.Path;

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_fat_manifest_is_made_looked_at_and_tested_in_an_archive()
    {
        var fat = (await RunAsync($"{Build} | Publish-ArchImage -Destination oci-archive:release.tar | New-FatManifest")).WithoutErrors();
        Assert.Equal([$"oci-archive:{_folder["release.tar"]}:k8s-latest"], fat.Values("Reference"));
        Assert.Equal(["linux/amd64", "linux/arm64"], (IEnumerable<string>)(await RunAsync("Get-FatManifest oci-archive:release.tar:k8s-*")).Values("Platforms")[0]!);
        Assert.Equal(true, (await RunAsync("Test-FatManifest oci-archive:release.tar:k8s-latest -Deep")).WithoutErrors().Output.Single().BaseObject);
        Assert.Equal(["Unchanged"], (await RunAsync("Get-ArchImage oci-archive:release.tar:k8s-*64-latest | New-FatManifest")).WithoutErrors().Values("Status"));
        await RunAsync($"{Build} | New-FatManifest");
        var compared = (await RunAsync("Compare-FatManifest oci:build:k8s-latest oci-archive:release.tar:k8s-latest -IncludeEqual")).WithoutErrors();
        Assert.All(compared.Values("Status"), status => Assert.Equal("Same", $"{status}"));
        Assert.Equal(["(index)", "linux/amd64", "linux/arm64"], compared.Values("Platform").Select(platform => $"{platform}").Order(StringComparer.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path, ".*.partial-*"));
    }

    [Theory]
    [InlineData("oci", "Layout")]
    [InlineData("oci-archive", "Archive")]
    [InlineData("docker-archive", "Archive")]
    public async Task Images_of_files_know_the_registry_they_are_meant_for_and_need_no_destination(string scheme, string location)
    {
        await RunAsync($"{Build} | Publish-ArchImage -Destination {scheme}:out");
        var images = (await RunAsync($"Get-ArchImage {scheme}:out")).WithoutErrors();
        Assert.Equal(["linux/amd64", "linux/arm64"], images.Values("Platform").Order());
        Assert.All(images.Output, image =>
        {
            Assert.Equal("registry.example", image.Properties["Registry"].Value);
            Assert.Equal("akraino/hello", image.Properties["Repository"].Value);
            Assert.Equal(location, image.Properties["Location"].Value);
        });
        foreach (var source in new[] { $"Get-ArchImage {scheme}:out:k8s-amd64-latest |", $"'{scheme}:out:k8s-amd64-latest' |" })
        {
            var shown = await _session.ShowAsync($"{source} Publish-ArchImage -WhatIf");
            Assert.Contains("to registry.example/akraino/hello:k8s-amd64-latest", shown);
        }
    }

    [Fact]
    public async Task An_image_without_a_name_says_that_it_needs_a_destination()
    {
        await RunAsync("New-ArchImage $hello -Tag one -Output oci:build -Platform linux/amd64 | Publish-ArchImage -Destination oci-archive:out.tar");
        var error = Assert.Single((await RunAsync("Publish-ArchImage oci-archive:out.tar")).Errors);
        Assert.StartsWith("NoDestination,", error.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task The_image_for_another_machine_is_received_into_an_archive()
    {
        await RunAsync($"{Build} | New-FatManifest");
        var received = (await RunAsync("Receive-ArchImage oci:build:k8s-latest -Platform linux/arm64 -Destination docker-archive:arm64.tar:only")).WithoutErrors();
        Assert.Equal([$"docker-archive:{_folder["arm64.tar"]}:only"], received.Values("Reference"));
        Assert.Equal(["linux/arm64"], (await RunAsync("Get-ArchImage docker-archive:arm64.tar")).WithoutErrors().Values("Platform"));
        await RunAsync("Receive-ArchImage oci:build:k8s-arm64-latest -Platform linux/arm64 -Destination docker-archive:named.tar");
        var again = (await RunAsync("Receive-ArchImage docker-archive:named.tar -Platform linux/arm64 -Destination oci-archive:again.tar")).WithoutErrors();
        Assert.Equal(["akraino/hello"], again.Values("Repository"));
        Assert.Equal([$"oci-archive:{_folder["again.tar"]}:k8s-arm64-latest"], again.Values("Reference"));
        var engine = Assert.Single((await RunAsync("Receive-ArchImage docker-archive:named.tar")).Errors);
        Assert.Contains("docker load", engine.Exception.Message);
    }

    [Fact]
    public async Task A_fat_manifest_does_not_fit_into_what_docker_loads()
    {
        var joined = await RunAsync($"{Build} | Publish-ArchImage -Destination docker-archive:out.tar | New-FatManifest");
        Assert.StartsWith("FatManifestNotHeld,", joined.AllErrors.Last().FullyQualifiedErrorId);
        Assert.Contains("oci-archive:FILE", joined.AllErrors.Last().Exception.Message);
        Assert.Equal(2, (await RunAsync("Get-ArchImage docker-archive:out.tar")).WithoutErrors().Output.Count);
    }

    [SkopeoFact]
    public async Task Skopeo_reads_the_archives_and_what_it_writes_is_read()
    {
        await RunAsync($"{Build} | Publish-ArchImage -Destination oci-archive:ours.tar | New-FatManifest");
        await RunAsync("Get-ArchImage oci:build:k8s-amd64-latest | Publish-ArchImage -Destination docker-archive:load.tar");

        var raw = await Tool.RunAsync("skopeo", "inspect", "--raw", $"oci-archive:{_folder["ours.tar"]}:k8s-latest");
        Assert.Equal((await RunAsync("Get-FatManifest oci-archive:ours.tar:k8s-latest -Raw")).Output.Single().BaseObject, raw);
        await Tool.RunAsync("skopeo", "copy", "--all", $"oci-archive:{_folder["ours.tar"]}:k8s-latest", $"oci-archive:{_folder["theirs.tar"]}:copied");
        Assert.Equal(
            (await RunAsync("Get-FatManifest oci-archive:ours.tar:k8s-latest")).Values("Digest"),
            (await RunAsync("Get-FatManifest oci-archive:theirs.tar")).WithoutErrors().Values("Digest"));

        Assert.Contains("registry.example/akraino/hello:k8s-amd64-latest", await Tool.RunAsync("skopeo", "list-tags", $"docker-archive:{_folder["load.tar"]}"));
        await Tool.RunAsync("skopeo", "copy", $"docker-archive:{_folder["load.tar"]}", $"docker-archive:{_folder["saved.tar"]}:example/one:1.0");
        var saved = (await RunAsync("Get-ArchImage docker-archive:saved.tar")).WithoutErrors();
        Assert.Equal(["example/one"], saved.Values("Repository"));
        Assert.Equal((await RunAsync("Get-ArchImage docker-archive:load.tar")).Values("ImageId"), saved.Values("ImageId"));
    }

    [Fact]
    [Needs(Part.Peers)]
    public async Task Podman_reads_the_archives_and_what_it_writes_is_read()
    {
        await RunAsync($"{Build} | Publish-ArchImage -Destination oci-archive:ours.tar | New-FatManifest");
        await RunAsync("Get-ArchImage oci:build:k8s-amd64-latest | Publish-ArchImage -Destination docker-archive:load.tar");
        // Podman takes no runroot of more than 50 characters.
        var run = Directory.CreateTempSubdirectory("pod");
        string[] storage = ["--root", _folder["podman"], "--runroot", run.FullName, "--storage-driver", "vfs"];
        await Tool.RunAsync("podman", [.. storage, "load", "--quiet", "--input", _folder["load.tar"]]);
        var id = (await Tool.RunAsync("podman", [.. storage, "pull", "--quiet", $"oci-archive:{_folder["ours.tar"]}:k8s-latest"])).Trim();
        await Tool.RunAsync("podman", [.. storage, "save", "--quiet", "--format", "oci-archive", "--output", _folder["oci.tar"], id]);
        await Tool.RunAsync("podman", [.. storage, "save", "--quiet", "--format", "docker-archive", "--output", _folder["docker.tar"], "registry.example/akraino/hello:k8s-amd64-latest"]);
        run.Delete(recursive: true);

        Assert.Equal(["linux/amd64"], (await RunAsync("Get-ArchImage oci-archive:oci.tar")).WithoutErrors().Values("Platform"));
        var saved = (await RunAsync("Get-ArchImage docker-archive:docker.tar")).WithoutErrors();
        Assert.Equal(["akraino/hello"], saved.Values("Repository"));
        Assert.Equal([$"sha256:{id}"], saved.Values("ImageId"));
    }

    private Task<SessionResult> RunAsync(string script) => _session.RunAsync(script, _variables);
}
