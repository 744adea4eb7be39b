using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>A folder of images in one repository, as Akraino's <c>docker</c> folder, whose makefile built them all with <c>make -k</c>.</summary>
public sealed class ManyImagesTests : IAsyncLifetime
{
    private const string Dockerfile = """
        FROM scratch
        ARG TARGETARCH
        COPY busybox-$TARGETARCH /bin/busybox
        COPY name /
        RUN ["/bin/busybox", "sh", "-c", "/bin/busybox uname -m > /machine"]
        CMD ["/bin/busybox", "cat", "/name", "/machine"]
        """;

    private static readonly string[] Images =
        ["docker", "hardware", "helm", "k8s", "kube-conformance", "kube-hunter", "mysql", "openstack", "os", "services", "ui"];

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
    public async Task One_command_builds_pushes_and_joins_all_eleven_goes_on_past_a_broken_one_and_names_it_in_the_end()
    {
        (string, string)[] job = [("PLATFORM", "linux/amd64 linux/arm64"), ("JOIN", "true"), ("GIT_COMMIT", "first")];
        var broken = await RunAsync("build.ps1", home => CheckOut(home, broken: "helm"), job);
        Assert.Equal(1, broken.ExitCode);
        Assert.EndsWith("1 of 11 images failed: helm\n", broken.Error);
        Assert.Contains($"helm: {_repository.Reference}:helm-latest lacks linux/amd64, linux/arm64 (it would have nothing)", broken.Error);
        Assert.False(await _repository.HasAsync("helm-latest"));
        foreach (var image in Images.Except(["helm"]))
            Assert.Equal(image == "mysql" ? ["linux/amd64"] : ["linux/amd64", "linux/arm64"], (await _repository.GetIndexAsync($"{image}-latest")).Platforms);
        Assert.Empty(await _scene.EngineImagesAsync());
        Assert.Equal("services\naarch64", await _scene.DockerRunAsync($"{_repository.Reference}:services-latest", "linux/arm64"));

        // Mended, it is the only one that is pushed; and then nothing is.
        await _scene.Registry.TakeRequestsAsync();
        TrioScene.Good(await RunAsync("build.ps1", home => CheckOut(home), job));
        Assert.Equal(["helm-amd64-latest", "helm-arm64-latest", "helm-latest"], await PutAsync());
        var again = TrioScene.Good(await RunAsync("build.ps1", home => CheckOut(home), job));
        Assert.Empty(await PutAsync());
        Assert.Equal(Images.Length, again.Output.Split("Docker manifest list, unchanged").Length - 1);
    }

    [EngineFact]
    public async Task A_node_for_each_architecture_builds_them_all_and_one_job_joins_them_all()
    {
        var builds = await Task.WhenAll(
            RunAsync("build.ps1", home => CheckOut(home), ("PLATFORM", "linux/amd64"), ("BUILD_TAG_SUFFIX", "b1"), ("GIT_COMMIT", "first")),
            RunAsync("build.ps1", home => CheckOut(home, broken: "os"), ("PLATFORM", "linux/arm64"), ("BUILD_TAG_SUFFIX", "b1"), ("GIT_COMMIT", "first")));
        Assert.Equal([0, 1], builds.Select(build => build.ExitCode));
        Assert.EndsWith("1 of 11 images failed: os\n", builds[1].Error);
        var joined = await RunAsync("manifest.ps1", home => CheckOut(home), ("BUILD_TAG_SUFFIX", "b1"));
        Assert.Equal(1, joined.ExitCode);
        Assert.Contains($"os: {_repository.Reference}:os-latest lacks linux/arm64 (it would have linux/amd64); nothing was pushed", joined.Error);
        Assert.EndsWith("1 of 11 fat manifests were not made: os\n", joined.Error);
        Assert.False(await _repository.HasAsync("os-latest"));
        Assert.Equal(["linux/amd64"], (await _repository.GetIndexAsync("mysql-latest")).Platforms);
        Assert.Equal(["linux/amd64", "linux/arm64"], (await _repository.GetIndexAsync("ui-latest")).Platforms);
    }

    private static void CheckOut(TemporaryFolder home, string broken = "")
    {
        foreach (var image in Images)
        {
            home.Write($"docker/{image}/Dockerfile", image == broken ? $"{Dockerfile}\nRUN [\"/bin/busybox\", \"false\"]\n" : Dockerfile);
            home.Write($"docker/{image}/name", $"{image}\n");
            foreach (var architecture in image == "mysql" ? ["amd64"] : new[] { "amd64", "arm64" })
                File.Copy(Path.Combine(Requirements.Busybox!, $"busybox-{architecture}"), home["docker", image, $"busybox-{architecture}"]);
        }
        // What is no image is passed over.
        home.Write("docker/scripts/build.mk", "");
    }

    private Task<HostResult> RunAsync(string script, Action<TemporaryFolder> checkout, params (string, string)[] variables) => _scene.RunAsync(
        script, checkout, [("DOCKER_ROOT", "docker"), ("DOCKER_TAG", "NAME-ARCH-TAG"), ("IMAGE_PLATFORMS", "mysql=linux/amd64"), .. variables]);

    private async Task<IEnumerable<string>> PutAsync() => (await _scene.Registry.TakeRequestsAsync())
        .Where(request => request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal))
        .Select(request => request.Path.Split('/')[^1]).Order(StringComparer.Ordinal);
}
