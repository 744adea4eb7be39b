using System.Diagnostics;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>The main job: images really built for two platforms by a real engine, pushed to a real registry, joined, and run by their one name.</summary>
public sealed class EnginePipelineTests : IAsyncLifetime
{
    private const string Dockerfile = """
        FROM scratch
        ARG TARGETARCH
        COPY busybox-$TARGETARCH /bin/busybox
        RUN ["/bin/busybox", "sh", "-c", "/bin/busybox uname -m > /machine"]
        CMD ["/bin/busybox", "cat", "/machine"]
        """;

    private const string Build = "New-ArchImage context -Repository $repository -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -DockerHost $engine";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = [];
    private RegistryProcess _registry = null!;
    private string _repository = "";

    public async ValueTask InitializeAsync()
    {
        _session.Location = _folder.Path;
        if (!Requirements.HasEngineAndRegistry)
            return;
        _registry = await RegistryProcess.StartAsync();
        _repository = $"{_registry.Host}/akraino/validation";
        _variables["repository"] = _repository;
        _variables["engine"] = Requirements.DockerHost;
        _folder.Write("context/Dockerfile", Dockerfile);
        foreach (var architecture in new[] { "amd64", "arm64" })
            File.Copy(Path.Combine(Requirements.Busybox!, $"busybox-{architecture}"), _folder["context", $"busybox-{architecture}"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
        {
            foreach (var image in await LinesAsync("images", "--quiet", _repository))
                await DockerAsync("rmi", "--force", image);
            await _registry.DisposeAsync();
        }
        _session.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task What_docker_saves_is_an_archive_and_what_is_archived_docker_loads()
    {
        var built = await RunAsync(Build);
        await DockerAsync("save", "--output", _folder["saved.tar"], $"{_repository}:k8s-amd64-latest", $"{_repository}:k8s-arm64-latest");
        var saved = (await RunAsync("Get-ArchImage docker-archive:saved.tar")).WithoutErrors();
        Assert.Equal(["linux/amd64", "linux/arm64"], saved.Values("Platform").Order());
        Assert.Equal(built.Values("ImageId").Order(), saved.Values("ImageId").Order());
        Assert.Equal(["akraino/validation", "akraino/validation"], saved.Values("Repository"));

        var published = (await RunAsync("Get-ArchImage docker-archive:saved.tar | Publish-ArchImage | New-FatManifest")).WithoutErrors();
        Assert.Equal([$"{_repository}:k8s-latest"], published.Values("Reference"));
        await RunAsync("Receive-ArchImage ${repository}:k8s-latest -Platform linux/amd64 -Destination docker-archive:packed.tar:k8s-latest");
        await RunAsync("Get-ArchImage docker-archive:saved.tar | Publish-ArchImage -Destination docker-archive:ours.tar");
        _folder.Write("app/Dockerfile", "FROM scratch\nCOPY program /busybox\nCMD [\"/busybox\", \"echo\", \"packed\"]\n");
        File.Copy(Path.Combine(Requirements.Busybox!, "busybox-amd64"), _folder["app", "program"]);
        await RunAsync("New-ArchImage app -Repository $repository -Tag gzip -Platform linux/amd64 -Output oci:plain | Publish-ArchImage -Destination docker-archive:gzip.tar");
        foreach (var image in await LinesAsync("images", "--quiet", _repository))
            await DockerAsync("rmi", "--force", image);

        Assert.Contains($"{_repository}:k8s-latest", await DockerAsync("load", "--input", _folder["packed.tar"]));
        Assert.Equal("x86_64", await DockerAsync("run", "--rm", "--pull", "never", $"{_repository}:k8s-latest"));
        await DockerAsync("load", "--input", _folder["gzip.tar"]);
        Assert.Equal("packed", await DockerAsync("run", "--rm", "--pull", "never", $"{_repository}:amd64-gzip"));
        await DockerAsync("load", "--input", _folder["ours.tar"]);
        Assert.Equal("aarch64", await DockerAsync("run", "--rm", "--pull", "never", "--platform", "linux/arm64", $"{_repository}:k8s-arm64-latest"));
        Assert.Equal(saved.Values("ImageId").Order(), (await RunAsync("Get-ArchImage ${repository}:k8s-*64-latest -DockerHost $engine")).Values("ImageId").Order());
    }

    [EngineFact]
    public async Task One_name_runs_on_both_architectures()
    {
        var images = await RunAsync(Build);
        Assert.Equal(["linux/amd64", "linux/arm64"], images.Values("Platform").Order());
        Assert.All(images.Values("Location"), location => Assert.Equal("Engine", location));

        var fat = await RunAsync(
            "Get-ArchImage ${repository}:k8s-* -DockerHost $engine | Publish-ArchImage -DockerHost $engine | New-FatManifest -RequirePlatform linux/amd64, linux/arm64");
        Assert.Equal([$"{_repository}:k8s-latest"], fat.Values("Reference"));
        Assert.Equal("application/vnd.docker.distribution.manifest.list.v2+json", fat.Values("MediaType").Single());

        Assert.Equal("x86_64", await DockerAsync("run", "--rm", $"{_repository}:k8s-latest"));
        Assert.Equal("aarch64", await DockerAsync("run", "--rm", "--platform", "linux/arm64", $"{_repository}:k8s-latest"));
        foreach (var seen in new[]
        {
            await Tool.RunAsync("skopeo", "inspect", "--raw", "--tls-verify=false", $"docker://{_repository}:k8s-latest"),
            await DockerAsync("manifest", "inspect", "--insecure", $"{_repository}:k8s-latest"),
        })
        {
            Assert.Matches("\"architecture\": ?\"amd64\"", seen);
            Assert.Matches("\"architecture\": ?\"arm64\"", seen);
        }
    }

    [EngineFact]
    public async Task What_was_pushed_is_joined_by_two_requests()
    {
        var published = await RunAsync($"{Build} | Publish-ArchImage -DockerHost $engine");
        Assert.All(published.Values("Digest"), digest => Assert.StartsWith("sha256:", $"{digest}"));
        await _registry.TakeRequestsAsync();
        _variables["published"] = published.Output;
        await RunAsync("$published | New-FatManifest");
        Assert.Equal(["HEAD", "PUT"], (await _registry.TakeRequestsAsync()).Select(request => request.Method).Order());
    }

    [EngineFact]
    public async Task An_image_that_is_in_the_engine_only_is_not_joined()
    {
        await RunAsync(Build);
        var error = (await _session.RunAsync("Get-ArchImage ${repository}:k8s-* -DockerHost $engine | New-FatManifest", _variables)).AllErrors.Last();
        Assert.StartsWith("NotPublished,", error.FullyQualifiedErrorId);
        Assert.Contains("pipe it through Publish-ArchImage first", error.Exception.Message);
    }

    [EngineFact]
    public async Task The_image_of_this_machine_is_received_by_the_short_name()
    {
        await RunAsync($"{Build} | Publish-ArchImage -DockerHost $engine | New-FatManifest");
        var received = await RunAsync("Receive-ArchImage ${repository}:k8s-latest -DockerHost $engine");
        Assert.Equal(["linux/amd64"], received.Values("Platform"));
        var other = await RunAsync("Receive-ArchImage ${repository}:k8s-latest -DockerHost $engine -Platform linux/arm64");
        Assert.Equal(["linux/arm64"], other.Values("Platform"));
    }

    [EngineFact]
    public async Task Published_under_another_name_an_image_keeps_its_tag()
    {
        var published = await RunAsync($"{Build} | Publish-ArchImage -DockerHost $engine -Destination ${{repository}}-other");
        Assert.Equal(
            [$"{_repository}-other:k8s-amd64-latest", $"{_repository}-other:k8s-arm64-latest"], published.Values("Reference").Order());
        Assert.Empty(await LinesAsync("images", "--quiet", $"{_repository}-other"));
    }

    [EngineFact]
    public async Task What_its_tag_holds_already_is_not_pushed_again()
    {
        var first = await RunAsync($"{Build} | Publish-ArchImage -DockerHost $engine");
        await _registry.TakeRequestsAsync();
        var again = await RunAsync($"{Build} | Publish-ArchImage -DockerHost $engine");
        Assert.Equal(first.Output.Select(image => image.BaseObject).OrderBy(image => $"{image}"), again.Output.Select(image => image.BaseObject).OrderBy(image => $"{image}"));
        Assert.DoesNotContain(await _registry.TakeRequestsAsync(), request => request.Method is not ("GET" or "HEAD"));
        _variables["again"] = again.Output;
        Assert.Equal(["Created"], (await RunAsync("$again | New-FatManifest")).Values("Status"));
        await RunAsync($"{Build} -Label @{{ run = '2' }} | Publish-ArchImage -DockerHost $engine");
        Assert.Equal(2, (await _registry.TakeRequestsAsync()).Count(request => request.Method == "PUT" && request.Path.Contains("manifests/k8s-a", StringComparison.Ordinal)));
    }

    [EngineFact]
    public async Task An_image_whose_name_in_the_engine_another_job_took_is_not_published_as_the_one_that_was_built()
    {
        _variables["mine"] = (await RunAsync(Build)).Output;
        await RunAsync($"{Build} -Label @{{ run = 'of another job' }}");
        var result = await _session.RunAsync("$mine | Publish-ArchImage -DockerHost $engine", _variables);
        Assert.Equal(["EngineTagMoved", "EngineTagMoved"], result.AllErrors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Contains("give builds that run on one engine at the same time tags of their own", result.Errors[0].Exception.Message);
        Assert.DoesNotContain(await _registry.TakeRequestsAsync(), request => request.Method == "PUT");
    }

    [EngineFact]
    public async Task A_failed_step_is_an_error_with_the_step_and_its_log()
    {
        _folder.Write("context/Dockerfile", Dockerfile.Replace("uname -m > /machine", "echo about to fail; exit 3"));
        var failed = await _session.RunAsync($"{Build} | Publish-ArchImage -DockerHost $engine | New-FatManifest", _variables);
        Assert.Equal(2, failed.Errors.Count(error => error.FullyQualifiedErrorId.StartsWith("BuildFailed,", StringComparison.Ordinal)));
        Assert.Contains("RUN", failed.Errors[0].Exception.Message);
        Assert.Contains("about to fail", failed.Errors[0].Exception.Message);
        Assert.StartsWith("PipelineIncomplete", failed.AllErrors.Last().FullyQualifiedErrorId);
    }

    [EngineFact]
    public async Task A_malformed_Dockerfile_is_named_with_its_line()
    {
        _folder.Write("context/Dockerfile", "FROM scratch\nNONSENSE here\n");
        var failed = await _session.RunAsync(Build, _variables);
        Assert.All(failed.Errors, error => Assert.Matches("Dockerfile.*line 2|line 2.*NONSENSE|NONSENSE", error.Exception.Message));
        Assert.Equal(2, failed.Errors.Count);
    }

    [EngineFact]
    public async Task Steps_are_progress_and_their_log_is_verbose()
    {
        var built = await _session.RunAsync($"{Build} -NoCache -Verbose", _variables);
        Assert.Contains(built.Progress, record => record.Activity.StartsWith($"Building {_repository}", StringComparison.Ordinal));
        Assert.Contains(built.Verbose, line => line.Contains("RUN", StringComparison.Ordinal));
    }

    [Fact]
    [Needs(Part.Speed)]
    public async Task An_engine_that_is_not_there_is_named_within_five_seconds()
    {
        var start = Stopwatch.StartNew();
        var error = Assert.Single((await _session.RunAsync("Get-ArchImage -DockerHost tcp://127.0.0.1:1")).Errors);
        Assert.StartsWith("EngineUnavailable,", error.FullyQualifiedErrorId);
        Assert.Equal("ResourceUnavailable", error.CategoryInfo.Category.ToString());
        Assert.Contains("tcp://127.0.0.1:1", error.Exception.Message);
        Assert.Contains("-DockerHost", error.Exception.Message);
        Assert.InRange(start.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [EngineFact]
    public async Task Ctrl_C_stops_a_build_within_a_second_and_nothing_goes_on_in_the_engine()
    {
        _folder.Write("context/Dockerfile", Dockerfile.Replace("uname -m > /machine", "sleep 4711"));
        var running = _session.RunAsync($"{Build} -NoCache", _variables);
        await UntilAsync(() => IsRunningAsync("sleep 4711"));
        await StopWithinASecondAsync(running);
        await UntilAsync(async () => !await IsRunningAsync("sleep 4711"));
    }

    [EngineFact]
    public async Task Ctrl_C_stops_a_push_within_a_second()
    {
        await RunAsync(Build);
        await using var slow = new DelayingProxy(_registry.Host, TimeSpan.FromSeconds(20));
        _variables["slow"] = $"{slow.Host}/x";
        var running = _session.RunAsync("Get-ArchImage ${repository}:k8s-* -DockerHost $engine | Publish-ArchImage -DockerHost $engine -Destination $slow", _variables);
        await Task.Delay(1000);
        await StopWithinASecondAsync(running);
    }

    private static async Task<bool> IsRunningAsync(string command) => (await Tool.TryRunAsync("pgrep", "-f", command)).ExitCode == 0;

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var start = Stopwatch.StartNew(); !await condition(); await Task.Delay(100))
            Assert.True(start.Elapsed < TimeSpan.FromSeconds(60), "It did not come about within a minute.");
    }

    private async Task StopWithinASecondAsync(Task<SessionResult> running)
    {
        var start = Stopwatch.StartNew();
        await _session.StopAsync();
        Assert.True((await running).WasStopped);
        Assert.InRange(start.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private async Task<SessionResult> RunAsync(string script) => (await _session.RunAsync(script, _variables)).WithoutErrors();

    private static async Task<string> DockerAsync(params string[] arguments) =>
        (await Tool.RunAsync("docker", ["--host", Requirements.DockerHost!, .. arguments])).Trim();

    private static async Task<IEnumerable<string>> LinesAsync(params string[] arguments) =>
        (await DockerAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct();
}
