using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>The three jobs of Akraino's trio: a build for each architecture, on a node of its own, and the job that joins.</summary>
public sealed class TrioTests : IAsyncLifetime
{
    private const string Dockerfile = """
        FROM scratch
        ARG TARGETARCH
        COPY busybox-$TARGETARCH /bin/busybox
        ARG BROKEN
        RUN ["/bin/busybox", "sh", "-c", "test $(/bin/busybox uname -m) != \"$BROKEN\" && /bin/busybox uname -m > /machine"]
        CMD ["/bin/busybox", "cat", "/machine"]
        """;

    private TrioScene _scene = null!;
    private BareRepository _repository = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasEngineAndRegistry)
            return;
        _scene = await TrioScene.OpenAsync();
        _repository = _scene.Look("akraino/validation");
    }

    public async ValueTask DisposeAsync()
    {
        if (_scene is not null)
            await _scene.DisposeAsync();
    }

    [EngineFact]
    public async Task What_nodes_of_two_architectures_built_runs_on_both_by_one_name_and_a_day_without_a_change_changes_nothing()
    {
        await BuildBothAsync("b1", "first");
        var joined = TrioScene.Good(await JoinAsync("b1", "linux/amd64 linux/arm64"));
        Assert.Contains("Docker manifest list, created", joined.Output);
        var name = $"{_repository.Reference}:k8s-latest";
        Assert.Equal("x86_64", await _scene.DockerRunAsync(name, "linux/amd64"));
        Assert.Equal("aarch64", await _scene.DockerRunAsync(name, "linux/arm64"));

        await _scene.Registry.TakeRequestsAsync();
        await BuildBothAsync("b2", "first");
        Assert.Contains("Docker manifest list, unchanged", TrioScene.Good(await JoinAsync("b2", "linux/amd64 linux/arm64")).Output);
        // No blob is sent and no name is moved; only the names of this run are new, which the jobs find each other's images by.
        Assert.Equal(["PUT k8s-amd64-latest-b2", "PUT k8s-arm64-latest-b2"], await WritesAsync());
    }

    [EngineFact]
    public async Task Where_the_arm64_job_failed_no_fat_manifest_is_touched_and_the_last_job_says_what_is_missing()
    {
        await BuildBothAsync("b1", "first");
        TrioScene.Good(await JoinAsync("b1", "linux/amd64 linux/arm64"));
        var before = await _repository.GetIndexAsync("k8s-latest");
        await _scene.Registry.TakeRequestsAsync();

        var (amd64, arm64) = (BuildAsync("amd64", "b2", "second"), BuildAsync("arm64", "b2", "second", "BROKEN=aarch64"));
        TrioScene.Good(await amd64);
        var failed = await arm64;
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("k8s-arm64-latest-b2 failed at", TrioScene.Unwrapped(failed.Error));
        var last = await JoinAsync("b2", "linux/amd64 linux/arm64");
        Assert.Equal(1, last.ExitCode);
        Assert.Contains($"{_repository.Reference}:k8s-latest lacks linux/arm64 (it would have linux/amd64); nothing was pushed", TrioScene.Unwrapped(last.Error));
        Assert.DoesNotContain("PUT k8s-latest", await WritesAsync());
        Assert.Equal(before.Digest, (await _repository.GetIndexAsync("k8s-latest")).Digest);
        Assert.Empty(await _scene.EngineImagesAsync());

        // Where arm64 may fail, amd64 goes on alone, and arm64 is taken in when it is there: all of one commit.
        var soft = TrioScene.Good(await JoinAsync("b2", "linux/amd64"));
        Assert.Contains($"WARNING: {_repository.Reference}:k8s-arm64-latest-b2 is not there and is left out", TrioScene.Unwrapped(soft.Output));
        Assert.Equal(["linux/amd64"], (await _repository.GetIndexAsync("k8s-latest")).Platforms);
        TrioScene.Good(await BuildAsync("arm64", "b2", "second"));
        Assert.Contains("Docker manifest list, updated", TrioScene.Good(await JoinAsync("b2", "linux/amd64")).Output);
        var after = await _repository.GetIndexAsync("k8s-latest");
        Assert.Equal(
            new Dictionary<string, string> { ["linux/amd64"] = "second", ["linux/arm64"] = "second" },
            await TrioScene.RevisionsAsync(_repository, after));
    }

    [EngineFact]
    public async Task A_verify_job_builds_pushes_nothing_and_leaves_nothing_in_the_engine_but_what_was_there()
    {
        TrioScene.Good(await BuildAsync("amd64", "kept", "other", "", ("PUSH_IMAGE", "false"), ("KEEP_IMAGE", "true")));
        var kept = new[] { $"{_repository.Reference}:k8s-amd64-latest-kept" };
        Assert.Equal(kept, await _scene.EngineImagesAsync());
        var verified = TrioScene.Good(await BuildAsync("amd64", "", "first", "", ("PUSH_IMAGE", "false"), ("BUILD_NUMBER", "7"), ("SETTINGS_FILE", "")));
        Assert.Contains("k8s-amd64-latest-verify7", TrioScene.Unwrapped(verified.Output));
        Assert.Empty(await _scene.Registry.TakeRequestsAsync());
        Assert.Equal(kept, await _scene.EngineImagesAsync());
    }

    [EngineFact]
    public async Task Images_that_build_on_each_other_are_built_in_their_order_and_none_on_one_that_failed()
    {
        (string, string)[] variables =
        [
            ("DOCKER_NAME", "opnfv/functest-NAME"), ("DOCKER_TAG", "ARCH-TAG"), ("DOCKER_ROOT", "docker"), ("DOCKER_IMAGES", "core; tempest; smoke healthcheck"),
            ("PLATFORM", "linux/amd64 linux/arm64"), ("JOIN", "true"), ("BUILD_TAG_SUFFIX", "b1"), ("GIT_COMMIT", "first"),
            ("DOCKER_ARGS", $"HUB={_scene.Registry.Host} SUFFIX=b1"),
        ];
        TrioScene.Good(await _scene.RunAsync("build.ps1", home => CheckOutFunctest(home, "true"), variables));
        Assert.Equal("aarch64", await _scene.DockerRunAsync($"{_scene.Registry.Host}/opnfv/functest-smoke:latest", "linux/arm64"));

        var failed = await _scene.RunAsync("build.ps1", home => CheckOutFunctest(home, "false"), variables);
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("1 of 4 images failed: tempest; not built after that: smoke, healthcheck", failed.Error);
        Assert.Equal([$"{_scene.Registry.Host}/opnfv/functest-smoke:latest"], await _scene.EngineImagesAsync());
    }

    [EngineFact]
    public async Task A_job_pulls_the_image_that_its_own_builds_on_with_its_login()
    {
        (string, string)[] variables =
        [
            ("DOCKER_TAG", "ARCH-TAG"), ("PLATFORM", "linux/arm64"), ("BUILD_TAG_SUFFIX", "b1"), ("GIT_COMMIT", "first"),
            ("DOCKER_ARGS", $"HUB={_scene.Registry.Host} SUFFIX=b1"),
        ];
        TrioScene.Good(await _scene.RunAsync(
            "build.ps1", home => CheckOutFunctest(home, "true"), [.. variables, ("DOCKER_NAME", "opnfv/functest-core"), ("DOCKER_ROOT", "docker/core")]));
        Assert.Empty(await _scene.EngineImagesAsync());
        (string, string)[] next = [.. variables, ("DOCKER_NAME", "opnfv/functest-tempest"), ("DOCKER_ROOT", "docker/tempest")];
        var refused = await _scene.RunAsync("build.ps1", home => CheckOutFunctest(home, "true"), next);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("functest-tempest:arm64-latest-b1 failed at", TrioScene.Unwrapped(refused.Error));
        var on = $"{_scene.Registry.Host}/opnfv/functest-core:ARCH-latest-b1";
        TrioScene.Good(await _scene.RunAsync("build.ps1", home => CheckOutFunctest(home, "true"), [.. next, ("BASE_IMAGES", on)]));
        Assert.Equal("aarch64", await _scene.DockerRunAsync($"{_scene.Registry.Host}/opnfv/functest-tempest:arm64-latest", "linux/arm64"));
    }

    private static void CheckOutFunctest(TemporaryFolder home, string tempest)
    {
        CheckOut(home, "docker/core", Dockerfile);
        foreach (var (image, on, command) in new[] { ("tempest", "core", tempest), ("smoke", "tempest", "true"), ("healthcheck", "tempest", "true") })
        {
            home.Write($"docker/{image}/Dockerfile", $"""
                ARG HUB
                ARG SUFFIX
                FROM $HUB/opnfv/functest-{on}:$TARGETARCH-latest-$SUFFIX
                RUN ["/bin/busybox", "{command}"]
                """);
        }
    }

    private static void CheckOut(TemporaryFolder home, string folder, string dockerfile)
    {
        home.Write($"{folder}/Dockerfile", dockerfile);
        foreach (var architecture in new[] { "amd64", "arm64" })
            File.Copy(Path.Combine(Requirements.Busybox!, $"busybox-{architecture}"), home[folder, $"busybox-{architecture}"]);
    }

    private async Task BuildBothAsync(string suffix, string revision)
    {
        foreach (var built in await Task.WhenAll(BuildAsync("amd64", suffix, revision), BuildAsync("arm64", suffix, revision)))
            Assert.DoesNotContain("WARNING", TrioScene.Good(built).Output);
    }

    private Task<HostResult> BuildAsync(string architecture, string suffix, string revision, string arguments = "", params (string, string)[] variables) => _scene.RunAsync(
        "build.ps1",
        home => CheckOut(home, "docker/k8s", Dockerfile),
        [("PLATFORM", $"linux/{architecture}"), ("BUILD_TAG_SUFFIX", suffix), ("GIT_COMMIT", revision), ("DOCKER_ARGS", arguments), .. variables]);

    private Task<HostResult> JoinAsync(string suffix, string required) =>
        _scene.RunAsync("manifest.ps1", _ => { }, ("BUILD_TAG_SUFFIX", suffix), ("REQUIRED_PLATFORMS", required));

    private async Task<IEnumerable<string>> WritesAsync() => (await _scene.Registry.TakeRequestsAsync())
        .Where(request => request.Method is "PUT" or "POST" or "PATCH" && request.Status < 300)
        .Select(request => $"{request.Method} {request.Path.Split('/')[^1].Split('?')[0]}").Order(StringComparer.Ordinal);
}
