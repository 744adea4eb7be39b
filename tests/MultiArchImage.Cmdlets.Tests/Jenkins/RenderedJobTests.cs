using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Jenkins;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>Jobs that the templates make for projects of the Linux Foundation, run builder by builder, each on an agent of its own.</summary>
public sealed class RenderedJobTests : IAsyncLifetime
{
    private AgentScene? _scene;

    public static TheoryData<string> Jobs =>
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "tests/jenkins/jjb/expected"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(Repository.Root, "tests/jenkins/jjb/expected"), file)).Order(StringComparer.Ordinal),
    ];

    public async ValueTask InitializeAsync() => _scene = Requirements.HasEngineAndRegistry ? await AgentScene.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_scene is not null)
            await _scene.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Each_script_stops_at_its_first_error(string job) =>
        // JJB cannot tell the powershell builder to (stopOnError), and the others have no such switch.
        Assert.All(new RenderedJob(job).Scripts, script => Assert.Equal(
            "$ErrorActionPreference = 'Stop'", script.Split('\n').First(line => line.Length > 0 && !line.StartsWith('#'))));

    [EngineFact]
    public async Task The_trio_of_Akraino_pushes_an_image_a_node_and_joins_those_of_its_run()
    {
        foreach (var architecture in new[] { "amd64", "arm64" })
            await SucceedAsync($"akraino/validation-docker-build-{architecture}-master", "docker/k8s");
        Assert.Equal(
            ["k8s-amd64-master", "k8s-amd64-master-b7", "k8s-arm64-master", "k8s-arm64-master-b7"], await _scene!.TagsAsync("akraino/validation"));
        await SucceedAsync("akraino/validation-docker-manifest-master", "docker/k8s");
        await _scene!.RequireRunsOnBothAsync("akraino/validation:k8s-master");
    }

    [EngineFact]
    public async Task A_job_that_verifies_builds_and_pushes_nothing()
    {
        var step = await SucceedAsync("akraino/validation-docker-multiarch-verify-arm64-master", "docker/k8s");
        Assert.Contains("linux/arm64", step.Log);
        Assert.Empty(await _scene!.TagsAsync("akraino/validation"));
    }

    [EngineFact]
    public async Task A_node_that_emulates_builds_for_all_platforms_and_joins_after_the_test_of_the_project()
    {
        var agent = Agent("docker");
        await File.WriteAllTextAsync(Path.Combine(agent.Workspace, "Makefile"), "test:\n\techo tested by make\n");
        foreach (var arguments in new[] { "init --quiet", "-c user.name=a -c user.email=a@example.org commit --quiet --allow-empty -m one", "-c user.name=a -c user.email=a@example.org tag -a v1.2 -m one" })
            await Tool.RunAsync("git", ["-C", agent.Workspace, .. arguments.Split(' ')]);
        var run = await RunAsync("emulated/helm-docker-multiarch-merge-master", agent);
        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("tested by make", run.Log);
        await _scene!.RequireRunsOnBothAsync("example/helm:v1.2");
    }

    [EngineFact]
    public async Task Builders_of_nodes_with_Windows_run_the_same_scripts()
    {
        var instead = new Dictionary<string, string> { ["PLATFORM"] = "linux/amd64", ["PLATFORMS"] = "linux/amd64", ["REQUIRED_PLATFORMS"] = "linux/amd64" };
        foreach (var job in new[] { "build-amd64", "manifest" })
        {
            var run = await RunAsync($"windows/agent-docker-{job}-master", Agent("."), instead);
            Assert.True(run.ExitCode == 0, run.Log);
        }
        Assert.Contains("windows-latest", await _scene!.TagsAsync("example/agent"));
        instead["PLATFORMS"] = instead["REQUIRED_PLATFORMS"] = "linux/amd64 linux/arm64";
        var gate = await RunAsync("windows/agent-docker-manifest-master", Agent("."), instead);
        Assert.True(gate.ExitCode == 1, gate.Log);
        Assert.Contains("linux/arm64", gate.Log);
    }

    [EngineFact]
    public async Task A_release_copies_what_was_staged_and_changes_nothing_the_second_time()
    {
        foreach (var architecture in new[] { "amd64", "arm64" })
            await SucceedAsync($"onap/policy-docker-build-{architecture}-guilin", ".");
        await SucceedAsync("onap/policy-docker-manifest-guilin", ".");
        foreach (var time in new[] { "first", "second" })
        {
            var agent = Agent(".");
            (agent.Environment["STAGED_TAG"], agent.Environment["RELEASE_TAG"]) = ("1.2.3", "1.2.3-release");
            var release = await RunAsync("onap/policy-docker-release-guilin", agent);
            Assert.True(release.ExitCode == 0, $"{time}: {release.Log}");
        }
        await _scene!.RequireRunsOnBothAsync("onap/policy:1.2.3-release");
    }

    private async Task<StepResult> SucceedAsync(string job, string context)
    {
        var agent = Agent(context);
        var run = await RunAsync(job, agent);
        Assert.True(run.ExitCode == 0, $"{job}: {run.Log}");
        Assert.Empty(Directory.EnumerateFiles(agent.Home, "*", SearchOption.AllDirectories));
        return run;
    }

    // The registries of all jobs are this one.
    private Task<StepResult> RunAsync(string job, JenkinsAgent agent, IReadOnlyDictionary<string, string>? instead = null) =>
        new RenderedJob(job).RunAsync(agent, new Dictionary<string, string>(instead ?? new Dictionary<string, string>())
        {
            ["CONTAINER_PUSH_REGISTRY"] = _scene!.Registry.Host,
            ["CONTAINER_STAGING_REGISTRY"] = _scene.Registry.Host,
            ["CONTAINER_RELEASE_REGISTRY"] = _scene.Registry.Host,
        });

    private JenkinsAgent Agent(string context)
    {
        var agent = _scene!.NewAgent(context);
        File.WriteAllText(Path.Combine(agent.Workspace, "container-tag.yaml"), "---\ntag: 1.2.3\n");
        agent.Environment["SETTINGS_FILE"] = _scene.SettingsFile;
        agent.Environment["BUILD_NUMBER"] = "7";
        agent.Environment["BUILD_TAG_SUFFIX"] = "b7";
        agent.Environment["GIT_COMMIT"] = "0123456789012345678901234567890123456789";
        return agent;
    }
}
