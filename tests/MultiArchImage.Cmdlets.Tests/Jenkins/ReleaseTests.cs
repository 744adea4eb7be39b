using System.Text.Json.Nodes;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>The release job: what was staged and tested goes whole to another registry, with what is about it, once.</summary>
public sealed class ReleaseTests : IAsyncLifetime
{
    private TrioScene _scene = null!;
    private RegistryProcess _target = null!;
    private BareRepository _staged = null!;
    private BareRepository _released = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasRegistry)
            return;
        _scene = await TrioScene.OpenAsync();
        _target = await _scene.AddRegistryAsync();
        _staged = _scene.Look("onap/policy");
        _released = _scene.Look("onap/policy", _target);
    }

    public async ValueTask DisposeAsync()
    {
        if (_scene is not null)
            await _scene.DisposeAsync();
    }

    [RegistryFact]
    public async Task A_staged_fat_manifest_is_released_whole_with_its_signatures_and_released_again_it_changes_nothing()
    {
        var index = await StageAsync("first", "linux/amd64", "linux/arm64");
        var signature = await _staged.PushSignatureAsync(index, "staging");
        Assert.Contains("OCI image index, created", TrioScene.Good(await ReleaseAsync()).Output);
        var released = await _released.GetIndexAsync("2.1");
        Assert.Equal((index, "linux/amd64 linux/arm64"), (released.Digest, string.Join(' ', released.Platforms)));
        Assert.Equal((await _staged.GetIndexAsync(signature)).Digest, (await _released.GetIndexAsync(signature)).Digest);

        // As release-job.sh does when it has pushed.
        await _released.PushSignatureAsync(index, "released");
        var signed = await _released.GetIndexAsync(signature);
        await _target.TakeRequestsAsync();
        Assert.Contains("OCI image index, unchanged", TrioScene.Good(await ReleaseAsync()).Output);
        Assert.DoesNotContain(await _target.TakeRequestsAsync(), request => request.Method is "PUT" or "POST" or "PATCH");
        Assert.Equal(signed.Digest, (await _released.GetIndexAsync(signature)).Digest);
    }

    [RegistryFact]
    public async Task What_is_released_is_not_overwritten_by_what_was_staged_since()
    {
        var index = await StageAsync("first", "linux/amd64", "linux/arm64");
        TrioScene.Good(await ReleaseAsync());
        await StageAsync("second", "linux/amd64", "linux/arm64");
        var refused = await ReleaseAsync();
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"{_released.Reference}:2.1 holds {index} already", TrioScene.Unwrapped(refused.Error));
        Assert.Equal(index, (await _released.GetIndexAsync("2.1")).Digest);
    }

    [RegistryFact]
    public async Task A_fat_manifest_that_lacks_a_platform_is_not_released()
    {
        await StageAsync("first", "linux/amd64");
        var refused = await ReleaseAsync();
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("no entry is for linux/arm64", TrioScene.Unwrapped(refused.Output));
        Assert.Contains("policy:2.1-STAGING is not to be released", TrioScene.Unwrapped(refused.Error));
        Assert.False(await _released.HasAsync("2.1"));
    }

    [RegistryFact]
    public async Task A_fat_manifest_whose_arm64_image_has_a_program_for_amd64_is_not_released()
    {
        TrioScene.Good(await _scene.RunAsync(
            "build.ps1",
            home =>
            {
                home.Write("docker/Dockerfile", "FROM scratch\nCOPY program /\nCMD [\"/program\"]\n");
                File.WriteAllBytes(home["docker", "program"], SampleProgram.Amd64Fixed);
            },
            ("PLATFORM", "linux/amd64 linux/arm64"),
            ("BUILD_OUTPUT", "oci:build"),
            ("JOIN", "true"),
            ("DOCKER_NAME", "onap/policy"),
            ("DOCKER_ROOT", "docker"),
            ("DOCKER_TAG", "2.1-ARCH-STAGING")));
        var refused = await ReleaseAsync();
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("ProgramMismatch", refused.Output);
        Assert.Contains("policy:2.1-STAGING is not to be released", TrioScene.Unwrapped(refused.Error));
        Assert.False(await _released.HasAsync("2.1"));
    }

    private async Task<string> StageAsync(string build, params string[] platforms)
    {
        var entries = new List<JsonObject>();
        foreach (var platform in platforms)
            entries.Add(await _staged.DescriptorAsync(await _staged.PushImageAsync(null, platform, salt: build), platform));
        return await _staged.PutIndexAsync("2.1-STAGING", [.. entries]);
    }

    private Task<HostResult> ReleaseAsync() => _scene.RunAsync(
        "release.ps1",
        _ => { },
        ("CONTAINER_STAGING_REGISTRY", _scene.Registry.Host),
        ("CONTAINER_RELEASE_REGISTRY", _target.Host),
        ("DOCKER_NAME", "onap/policy"),
        ("STAGED_TAG", "2.1-STAGING"),
        ("RELEASE_TAG", "2.1"));
}
