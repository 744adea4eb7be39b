using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Peers;

/// <summary>The wrong things that peers do and end with 0, and this module does not; the peer beside it is the witness that it still does.</summary>
public sealed class WrongThingsTests(PeerScene scene) : IClassFixture<PeerScene>, IAsyncLifetime
{
    /// <inheritdoc/>
    public ValueTask InitializeAsync()
    {
        if (Requirements.HasPeers)
            scene.NewRepository();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [PeerFact]
    public async Task Annotations_are_kept_or_refused_and_imagetools_drops_them_from_a_Docker_list()
    {
        await PushTwoAsync(docker: true);
        await scene.RunAsync("New-FatManifest ${repository}:amd64, ${repository}:arm64 -Name ${repository}:ours -Annotation @{ key = 'value' }");
        var ours = await scene.Repository.GetIndexAsync("ours");
        Assert.Equal((BareRepository.OciIndex, "value"), (ours.MediaType, ours.Annotations["key"]));
        await AssertRefusedAsync(
            "FormatConflict", "New-FatManifest ${repository}:amd64, ${repository}:arm64 -Name ${repository}:list -Annotation @{ key = 'value' } -Format Docker");

        (await scene.Peers.ImagetoolsAsync("create", "--annotation", "index:key=value", "--tag", scene.Name("theirs"), scene.Name("amd64"), scene.Name("arm64"))).WithoutError();
        Assert.Empty((await scene.Repository.GetIndexAsync("theirs")).Annotations);
    }

    [PeerFact]
    public async Task A_platform_named_without_its_version_is_not_taken_for_another_and_imagetools_forgets_the_version()
    {
        await scene.Repository.PushImageAsync("1809", "windows/amd64", osVersion: "10.0.17763.6659");
        await scene.Repository.PushImageAsync("2022", "windows/amd64", osVersion: "10.0.20348.2966");
        Assert.Equal(2, (await scene.WithModuleAsync("ours", "1809", "2022")).Platforms.Distinct().Count());
        Assert.Single((await scene.WithImagetoolsAsync("theirs", "1809", "2022")).Platforms.Distinct());
        Assert.Equal([false], (await scene.RunAsync("Test-FatManifest ${repository}:theirs")).Output.Select(item => item.BaseObject));
    }

    [PeerFact]
    public async Task A_variant_is_kept_and_imagetools_rewrites_it()
    {
        await scene.Repository.PushImageAsync("arm64", "linux/arm64/v8");
        Assert.Equal(["linux/arm64/v8"], (await scene.WithModuleAsync("ours", "arm64", "arm64")).Platforms);
        await scene.Repository.PushImageAsync("amd64", "linux/amd64");
        Assert.Equal(["linux/amd64", "linux/arm64"], (await scene.WithImagetoolsAsync("theirs", "amd64", "arm64")).Platforms);
    }

    [PeerFact]
    public async Task The_same_image_twice_is_one_entry_and_crane_and_oras_make_two()
    {
        await PushTwoAsync();
        Assert.Equal(["linux/amd64", "linux/arm64"], (await scene.WithModuleAsync("ours", "amd64", "arm64", "amd64")).Platforms);
        Assert.Equal(3, (await scene.WithCraneAsync("crane", "amd64", "arm64", "amd64")).Entries.Count);
        Assert.Equal(3, (await scene.WithOrasAsync("oras", "amd64", "arm64", "amd64")).Entries.Count);
    }

    [PeerFact]
    public async Task Two_images_for_one_platform_are_refused_and_peers_publish_both()
    {
        await scene.Repository.PushImageAsync("old", "linux/amd64", salt: "old");
        await scene.Repository.PushImageAsync("new", "linux/amd64", salt: "new");
        await AssertRefusedAsync("PlatformConflict", "New-FatManifest ${repository}:old, ${repository}:new -Name ${repository}:ours");
        Assert.False(await scene.Repository.HasAsync("ours"));

        foreach (var join in new[] { scene.WithDockerAsync, scene.WithImagetoolsAsync, scene.WithCraneAsync, scene.WithOrasAsync, scene.WithPodmanAsync })
            Assert.Equal(["linux/amd64", "linux/amd64"], (await join($"theirs-{join.Method.Name}", ["old", "new"])).Platforms);
    }

    [PeerFact]
    public async Task A_new_image_takes_the_place_of_the_old_and_peers_publish_both()
    {
        await scene.Repository.PushImageAsync("amd64", "linux/amd64", salt: "new");
        var (old, arm64) = (await scene.Repository.PushImageAsync("old", "linux/amd64", salt: "old"), await scene.Repository.PushImageAsync("arm64", "linux/arm64"));
        foreach (var tag in new[] { "ours", "imagetools", "crane", "oras" })
            await scene.WithModuleAsync(tag, "old", "arm64");

        await scene.RunAsync("Update-FatManifest ${repository}:ours ${repository}:amd64");
        var ours = await scene.Repository.GetIndexAsync("ours");
        Assert.Equal(["linux/amd64", "linux/arm64"], ours.Platforms);
        Assert.DoesNotContain(old, ours.Digests);
        Assert.Contains(arm64, ours.Digests);

        (await scene.Peers.ImagetoolsAsync("create", "--append", "--tag", scene.Name("imagetools"), scene.Name("amd64"))).WithoutError();
        (await scene.Peers.CraneAsync("index", "append", scene.Name("crane"), "--manifest", scene.Name("amd64"), "--tag", scene.Name("crane"))).WithoutError();
        (await scene.Peers.OrasAsync("manifest", "index", "update", "--plain-http", scene.Name("oras"), "--add", "amd64")).WithoutError();
        foreach (var tag in new[] { "imagetools", "crane", "oras" })
            Assert.Equal(2, (await scene.Repository.GetIndexAsync(tag)).Platforms.Count(platform => platform == "linux/amd64"));
    }

    [PeerFact]
    public async Task Nothing_is_left_on_the_client_and_docker_publishes_what_a_tag_once_was()
    {
        await PushTwoAsync();
        using var host = new HostProcess();
        var join = $"New-FatManifest {scene.Name("amd64")}, {scene.Name("arm64")} -Name {scene.Name("ours")}";
        Assert.Equal("", (await host.RunAsync("-Command", $"{join} | Out-Null")).Error);
        // PowerShell keeps what it knows of modules.
        Assert.DoesNotContain(
            Directory.EnumerateFiles(host.Home.Path, "*", SearchOption.AllDirectories), file => !file.Contains("/powershell/", StringComparison.Ordinal));

        (await scene.Peers.DockerAsync("manifest", "create", "--insecure", scene.Name("theirs"), scene.Name("amd64"), scene.Name("arm64"))).WithoutError();
        var moved = await scene.Repository.PushImageAsync("amd64", "linux/amd64", salt: "moved");
        (await scene.Peers.DockerAsync("manifest", "create", "--insecure", "--amend", scene.Name("theirs"), scene.Name("amd64"))).WithoutError();
        (await scene.Peers.DockerAsync("manifest", "push", "--insecure", scene.Name("theirs"))).WithoutError();
        Assert.DoesNotContain(moved, (await scene.Repository.GetIndexAsync("theirs")).Digests);
        await scene.RunAsync(join);
        Assert.Contains(moved, (await scene.Repository.GetIndexAsync("ours")).Digests);
    }

    [PeerFact]
    public async Task A_job_that_starts_with_an_empty_home_keeps_the_others_entry_and_docker_overwrites_it()
    {
        await PushTwoAsync();
        using var otherNode = new PeerPrograms();
        foreach (var (node, tag) in new[] { (scene.Peers, "amd64"), (otherNode, "arm64") })
        {
            (await node.DockerAsync("manifest", "create", "--insecure", scene.Name("theirs"), scene.Name(tag))).WithoutError();
            (await node.DockerAsync("manifest", "push", "--insecure", scene.Name("theirs"))).WithoutError();
            await scene.RunAsync($"Update-FatManifest ${{repository}}:ours ${{repository}}:{tag}");
        }
        Assert.Equal(["linux/arm64"], (await scene.Repository.GetIndexAsync("theirs")).Platforms);
        Assert.Equal(["linux/amd64", "linux/arm64"], (await scene.Repository.GetIndexAsync("ours")).Platforms);
    }

    [PeerFact]
    public async Task A_second_run_changes_nothing_and_podman_fails_on_its_own_list()
    {
        await PushTwoAsync();
        await scene.WithModuleAsync("ours", "amd64", "arm64");
        Assert.Equal(["Unchanged"], (await scene.RunAsync("New-FatManifest ${repository}:amd64, ${repository}:arm64 -Name ${repository}:ours")).Values("Status"));
        await scene.WithPodmanAsync("theirs", "amd64", "arm64");
        Assert.Contains("already in use", (await Assert.ThrowsAsync<InvalidOperationException>(() => scene.WithPodmanAsync("theirs", "amd64", "arm64"))).Message);
    }

    [PeerFact]
    public async Task A_false_platform_is_refused_and_docker_and_podman_publish_it()
    {
        await scene.Repository.PushImageAsync("s390x-latest", "linux/amd64");
        await AssertRefusedAsync("PlatformMismatch", "New-FatManifest ${repository}:s390x-latest -Name ${repository}:ours");
        await AssertRefusedAsync(
            "PlatformMismatch", "New-FatManifest ${repository}:s390x-latest -Name ${repository}:ours -PlatformMap @{ 's390x-latest' = 'linux/s390x' }");
        Assert.False(await scene.Repository.HasAsync("ours"));

        (await scene.Peers.DockerAsync("manifest", "create", "--insecure", scene.Name("docker"), scene.Name("s390x-latest"))).WithoutError();
        (await scene.Peers.DockerAsync("manifest", "annotate", "--arch", "s390x", scene.Name("docker"), scene.Name("s390x-latest"))).WithoutError();
        (await scene.Peers.DockerAsync("manifest", "push", "--insecure", scene.Name("docker"))).WithoutError();
        Assert.Equal(["linux/s390x"], (await scene.Repository.GetIndexAsync("docker")).Platforms);

        (await scene.Peers.PodmanAsync("manifest", "create", scene.Name("podman"))).WithoutError();
        (await scene.Peers.PodmanAsync("manifest", "add", "--tls-verify=false", "--arch", "s390x", scene.Name("podman"), $"docker://{scene.Name("s390x-latest")}")).WithoutError();
        (await scene.Peers.PodmanAsync("manifest", "push", "--all", "--tls-verify=false", scene.Name("podman"), $"docker://{scene.Name("podman")}")).WithoutError();
        Assert.Equal(["linux/s390x"], (await scene.Repository.GetIndexAsync("podman")).Platforms);
    }

    [PeerFact]
    public async Task Nothing_joins_to_nothing_and_podman_publishes_an_empty_list()
    {
        Assert.NotEmpty((await scene.TryRunAsync("New-FatManifest -FromTemplate \"${repository}:{arch}-latest\"")).AllErrors);
        Assert.False(await scene.Repository.HasAsync("latest"));
        (await scene.Peers.PodmanAsync("manifest", "create", scene.Name("theirs"))).WithoutError();
        (await scene.Peers.PodmanAsync("manifest", "push", "--all", "--tls-verify=false", scene.Name("theirs"), $"docker://{scene.Name("theirs")}")).WithoutError();
        Assert.Empty((await scene.Repository.GetIndexAsync("theirs")).Entries);
    }

    [PeerFact]
    public async Task A_platform_that_docker_does_not_know_is_annotated()
    {
        await scene.Repository.PushImageAsync("image", "windows/arm64");
        var map = "@{ 'image' = 'windows/arm64' }";
        await scene.RunAsync($"New-FatManifest ${{repository}}:image -Name ${{repository}}:ours -PlatformMap {map}");
        Assert.Equal(["windows/arm64"], (await scene.Repository.GetIndexAsync("ours")).Platforms);
        (await scene.Peers.DockerAsync("manifest", "create", "--insecure", scene.Name("theirs"), scene.Name("image"))).WithoutError();
        Assert.NotEqual(0, (await scene.Peers.DockerAsync("manifest", "annotate", "--os", "windows", "--arch", "arm64", scene.Name("theirs"), scene.Name("image"))).ExitCode);
    }

    [PeerFact]
    public async Task A_tag_is_removed_and_its_sister_stays_which_skopeo_takes_too()
    {
        await PushTwoAsync();
        foreach (var tag in new[] { "ours", "ours-sister" })
            await scene.WithModuleAsync(tag, "amd64", "arm64");
        await scene.RunAsync("Remove-ArchImage ${repository}:ours -Remote");
        Assert.Equal((false, true), (await scene.Repository.HasAsync("ours"), await scene.Repository.HasAsync("ours-sister")));

        await scene.RunAsync("New-FatManifest ${repository}:arm64 -Name ${repository}:theirs -Tag theirs-sister");
        (await scene.Peers.SkopeoAsync("delete", "--tls-verify=false", $"docker://{scene.Name("theirs")}")).WithoutError();
        Assert.Equal((false, false), (await scene.Repository.HasAsync("theirs"), await scene.Repository.HasAsync("theirs-sister")));
    }

    [PeerFact]
    public async Task An_image_that_a_fat_manifest_needs_is_not_removed_and_skopeo_and_oras_break_it()
    {
        var digest = await scene.Repository.PushImageAsync(null, "linux/amd64");
        await scene.Repository.PushImageAsync("arm64", "linux/arm64");
        await scene.RunAsync($"New-FatManifest '{scene.Name(digest)}', '{scene.Name("arm64")}' -Name '{scene.Name("fat")}'");
        await AssertRefusedAsync("StillNeeded", $"Remove-ArchImage '{scene.Name(digest)}' -Remote");
        Assert.Equal([true], (await scene.RunAsync("Test-FatManifest ${repository}:fat")).Output.Select(item => item.BaseObject));

        (await scene.Peers.OrasAsync("manifest", "delete", "--plain-http", "--force", scene.Name(digest))).WithoutError();
        Assert.Equal([false], (await scene.RunAsync("Test-FatManifest ${repository}:fat")).Output.Select(item => item.BaseObject));
        await scene.Repository.PushImageAsync(null, "linux/amd64");
        (await scene.Peers.SkopeoAsync("delete", "--tls-verify=false", $"docker://{scene.Name(digest)}")).WithoutError();
        Assert.Equal([false], (await scene.RunAsync("Test-FatManifest ${repository}:fat")).Output.Select(item => item.BaseObject));
    }

    [PeerFact]
    public async Task Appends_at_the_same_time_are_all_there_and_peers_lose_some()
    {
        await scene.Repository.PushImageAsync("amd64", "linux/amd64");
        string[] architectures = ["s390x", "ppc64le", "riscv64"];
        foreach (var architecture in architectures)
            await scene.Repository.PushImageAsync(architecture, $"linux/{architecture}");
        foreach (var tag in new[] { "imagetools", "crane", "oras" })
            await scene.WithModuleAsync(tag, "amd64", "amd64");

        await scene.RunAsync("Update-FatManifest ${repository}:ours ${repository}:amd64");
        await Task.WhenAll(architectures.Select(async architecture =>
        {
            using var session = new PowerShellSession();
            (await session.RunAsync($"Update-FatManifest '{scene.Name("ours")}' '{scene.Name(architecture)}'")).WithoutErrors();
        }));
        Assert.Equal(4, (await scene.Repository.GetIndexAsync("ours")).Entries.Count);

        var lost = await LostAsync(architectures, "imagetools", (tag, image) => scene.Peers.ImagetoolsAsync("create", "--append", "--tag", tag, image))
            + await LostAsync(architectures, "crane", (tag, image) => scene.Peers.CraneAsync("index", "append", tag, "--manifest", image, "--tag", tag))
            + await LostAsync(architectures, "oras", (tag, image) => scene.Peers.OrasAsync("manifest", "index", "update", "--plain-http", tag, "--add", image.Split(':')[^1]));
        Assert.True(lost > 0, "no peer lost an entry");
    }

    private async Task<int> LostAsync(string[] architectures, string tag, Func<string, string, Task<PeerResult>> append)
    {
        foreach (var result in await Task.WhenAll(architectures.Select(architecture => append(scene.Name(tag), scene.Name(architecture)))))
            result.WithoutError();
        return architectures.Length + 1 - (await scene.Repository.GetIndexAsync(tag)).Entries.Count;
    }

    private async Task PushTwoAsync(bool docker = false)
    {
        await scene.Repository.PushImageAsync("amd64", "linux/amd64", docker);
        await scene.Repository.PushImageAsync("arm64", "linux/arm64", docker);
    }

    private async Task AssertRefusedAsync(string error, string script) =>
        Assert.Equal(error, Assert.Single((await scene.TryRunAsync(script)).AllErrors).FullyQualifiedErrorId.Split(',')[0]);
}
