using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;

namespace MultiArchImage.Cmdlets.Tests.Peers;

/// <summary>
/// The same images on the same registry, joined by this module and by each peer: the same entries, platforms and media types, or a difference
/// that <c>docs/comparison.md</c> explains.
/// </summary>
public sealed class SameInputTests(PeerScene scene) : IClassFixture<PeerScene>, IAsyncLifetime
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
    public async Task Two_Docker_images_make_the_list_of_docker_and_imagetools_and_the_entries_of_all()
    {
        await PushAsync(docker: true, "linux/amd64", "linux/arm64");
        var ours = await scene.WithModuleAsync("module", "0", "1");
        Assert.Equal((BareRepository.DockerList, 2), (ours.MediaType, ours.Entries.Count));
        AssertSame(ours, await scene.WithDockerAsync("docker", "0", "1"));
        AssertSame(ours, await scene.WithImagetoolsAsync("imagetools", "0", "1"));
        // These three make an OCI index of whatever they are given.
        AssertSame(ours with { MediaType = BareRepository.OciIndex }, await scene.WithCraneAsync("crane", "0", "1"));
        AssertSame(ours with { MediaType = BareRepository.OciIndex }, await scene.WithOrasAsync("oras", "0", "1"));
        AssertSame(ours with { MediaType = BareRepository.OciIndex }, await scene.WithPodmanAsync("podman", "0", "1"));
    }

    [PeerFact]
    public async Task Two_OCI_images_make_the_index_of_all()
    {
        await PushAsync(docker: false, "linux/amd64", "linux/arm64");
        await AssertAllSameAsync(BareRepository.OciIndex, "0", "1");
    }

    [PeerFact]
    public async Task An_OCI_and_a_Docker_image_make_the_index_of_all()
    {
        await scene.Repository.PushImageAsync("0", "linux/amd64");
        await scene.Repository.PushImageAsync("1", "linux/arm64", docker: true);
        await AssertAllSameAsync(BareRepository.OciIndex, "0", "1");
    }

    [PeerFact]
    public async Task Variants_stay_as_the_images_say_them_and_imagetools_takes_v8_away()
    {
        await PushAsync(docker: false, "linux/arm/v7", "linux/arm64/v8");
        var ours = await scene.WithModuleAsync("module", "0", "1");
        Assert.Equal(["linux/arm/v7", "linux/arm64/v8"], ours.Platforms);
        AssertSame(ours, await scene.WithDockerAsync("docker", "0", "1"));
        AssertSame(ours, await scene.WithCraneAsync("crane", "0", "1"));
        AssertSame(ours, await scene.WithOrasAsync("oras", "0", "1"));
        AssertSame(ours, await scene.WithPodmanAsync("podman", "0", "1"));
        var theirs = await scene.WithImagetoolsAsync("imagetools", "0", "1");
        Assert.Equal(["linux/arm/v7", "linux/arm64"], theirs.Platforms);
        Assert.Equal(ours.Digests, theirs.Digests);
    }

    [PeerFact]
    public async Task Versions_of_Windows_stay_and_imagetools_makes_two_entries_that_nobody_can_tell_apart()
    {
        await scene.Repository.PushImageAsync("0", "windows/amd64", docker: true, osVersion: "10.0.17763.6659");
        await scene.Repository.PushImageAsync("1", "windows/amd64", docker: true, osVersion: "10.0.20348.2966");
        var ours = await scene.WithModuleAsync("module", "0", "1");
        Assert.Equal(["windows/amd64 10.0.17763.6659", "windows/amd64 10.0.20348.2966"], ours.Platforms);
        AssertSame(ours, await scene.WithDockerAsync("docker", "0", "1"));
        AssertSame(ours with { MediaType = BareRepository.OciIndex }, await scene.WithCraneAsync("crane", "0", "1"));
        AssertSame(ours with { MediaType = BareRepository.OciIndex }, await scene.WithOrasAsync("oras", "0", "1"));
        AssertSame(ours with { MediaType = BareRepository.OciIndex }, await scene.WithPodmanAsync("podman", "0", "1"));
        var theirs = await scene.WithImagetoolsAsync("imagetools", "0", "1");
        Assert.Equal(["windows/amd64", "windows/amd64"], theirs.Platforms);
    }

    [PeerFact]
    public async Task Attested_images_are_flattened_with_their_attestations_which_docker_and_podman_refuse_and_oras_nests()
    {
        var amd64 = await scene.Repository.PushAttestedAsync("0", "linux/amd64");
        var arm64 = await scene.Repository.PushAttestedAsync("1", "linux/arm64");
        var ours = await scene.WithModuleAsync("module", "0", "1");
        Assert.Equal([amd64.Image, amd64.Attestation, arm64.Image, arm64.Attestation], ours.Digests);
        AssertSame(ours, await scene.WithImagetoolsAsync("imagetools", "0", "1"));
        AssertSame(ours, await scene.WithCraneAsync("crane", "0", "1"));

        var docker = await scene.Peers.DockerAsync("manifest", "create", "--insecure", scene.Name("docker"), scene.Name("0"), scene.Name("1"));
        Assert.NotEqual(0, docker.ExitCode);
        Assert.Contains("is a manifest list", docker.Error);
        var podman = await Assert.ThrowsAsync<InvalidOperationException>(() => scene.WithPodmanAsync("podman", "0", "1"));
        Assert.Contains("no image found", podman.Message);
        var oras = await scene.WithOrasAsync("oras", "0", "1");
        Assert.Equal([amd64.Index, arm64.Index], oras.Digests);
        Assert.Equal(["", ""], oras.Platforms);
    }

    [PeerFact]
    public async Task Images_of_other_repositories_are_joined_by_all_but_oras()
    {
        await PushAsync(docker: false, "linux/amd64", "linux/arm64");
        string[] sources = [scene.Name("0"), scene.Name("1")];
        scene.NewRepository();
        await scene.RunAsync($"New-FatManifest '{sources[0]}', '{sources[1]}' -Name '{scene.Name("module")}'");
        var ours = await scene.Repository.GetIndexAsync("module");

        (await scene.Peers.DockerAsync(["manifest", "create", "--insecure", scene.Name("docker"), .. sources])).WithoutError();
        (await scene.Peers.DockerAsync("manifest", "push", "--insecure", scene.Name("docker"))).WithoutError();
        AssertSame(ours, await scene.Repository.GetIndexAsync("docker"));
        (await scene.Peers.ImagetoolsAsync(["create", "--tag", scene.Name("imagetools"), .. sources])).WithoutError();
        AssertSame(ours, await scene.Repository.GetIndexAsync("imagetools"));
        (await scene.Peers.CraneAsync("index", "append", "--tag", scene.Name("crane"), "--manifest", sources[0], "--manifest", sources[1])).WithoutError();
        AssertSame(ours, await scene.Repository.GetIndexAsync("crane"));

        var oras = await scene.Peers.OrasAsync(["manifest", "index", "create", "--plain-http", scene.Name("oras"), .. sources]);
        Assert.NotEqual(0, oras.ExitCode);
    }

    private static void AssertSame(BareIndex ours, BareIndex theirs)
    {
        Assert.Equal(ours.MediaType, theirs.MediaType);
        Assert.Equal(ours.Facts, theirs.Facts);
    }

    private async Task AssertAllSameAsync(string mediaType, params string[] tags)
    {
        var ours = await scene.WithModuleAsync("module", tags);
        Assert.Equal(mediaType, ours.MediaType);
        AssertSame(ours, await scene.WithDockerAsync("docker", tags));
        AssertSame(ours, await scene.WithImagetoolsAsync("imagetools", tags));
        AssertSame(ours, await scene.WithCraneAsync("crane", tags));
        AssertSame(ours, await scene.WithOrasAsync("oras", tags));
        AssertSame(ours, await scene.WithPodmanAsync("podman", tags));
    }

    // Tagged 0, 1, and so on.
    private async Task PushAsync(bool docker, params string[] platforms)
    {
        for (var number = 0; number < platforms.Length; number++)
            await scene.Repository.PushImageAsync($"{number}", platforms[number], docker);
    }
}
