using System.Text.RegularExpressions;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Jenkins;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>The steps of the Jenkinsfiles, taken out of them and run as Jenkins runs them, each on an agent of its own.</summary>
public sealed partial class JenkinsfileTests : IAsyncLifetime
{
    private AgentScene? _scene;

    public async ValueTask InitializeAsync() => _scene = Requirements.HasEngineAndRegistry ? await AgentScene.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_scene is not null)
            await _scene.DisposeAsync();
    }

    [EngineTheory]
    [InlineData("Jenkinsfile")]
    [InlineData("Jenkinsfile.scripted")]
    public async Task Images_of_two_nodes_become_one_name_that_runs_on_both(string file)
    {
        var (build, join) = Steps(file);
        var repository = $"{_scene!.Registry.Host}/akraino/validation";
        var last = Node(repository);

        // Each architecture's images go from node to node in a stash: the files, and nothing else of the workspace.
        await StashAsync(build, "amd64", repository, last);
        var early = await last.RunAsync(StepKind.Pipeline, join);
        Assert.True(early.ExitCode == 1, early.Log);
        Assert.Contains("lacks linux/arm64", early.Log);
        await StashAsync(build, "arm64", repository, last);
        Assert.Equal(["k8s-amd64-latest", "k8s-arm64-latest"], await _scene.TagsAsync("akraino/validation"));

        var joined = await last.RunAsync(StepKind.Pipeline, join);
        Assert.True(joined.ExitCode == 0, joined.Log);
        Assert.Contains($"{repository}:k8s-latest", joined.Log);
        await _scene.RequireRunsOnBothAsync("akraino/validation:k8s-latest");
        Assert.Empty(Directory.EnumerateFiles(last.Home, "*", SearchOption.AllDirectories));
    }

    private async Task StashAsync(string build, string architecture, string repository, JenkinsAgent last)
    {
        var node = Node(repository);
        node.Environment["ARCH"] = architecture;
        var step = await node.RunAsync(StepKind.Pipeline, build);
        Assert.True(step.ExitCode == 0, step.Log);
        Assert.Empty(Directory.EnumerateFiles(node.Home, "*", SearchOption.AllDirectories));
        var file = Assert.Single(Directory.GetFiles(node.Workspace, "image-*.json"));
        File.Copy(file, Path.Combine(last.Workspace, Path.GetFileName(file)));
    }

    private JenkinsAgent Node(string repository)
    {
        var agent = _scene!.NewAgent("docker/k8s");
        agent.Environment["REPOSITORY"] = repository;
        return agent;
    }

    private static (string Build, string Join) Steps(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "jenkins", file));
        var steps = Step().Matches(text).Select(match => match.Groups["script"].Value).ToList();
        // Groovy reads escapes in such a text, and a test that does not would run another script.
        Assert.All(steps, step => Assert.DoesNotContain('\\', step));
        Assert.All(steps, step => Assert.StartsWith("$ErrorActionPreference = 'Stop'", step.TrimStart()));
        Assert.Equal(2, steps.Count);
        return (steps[0], steps[1]);
    }

    [GeneratedRegex("pwsh '''(?<script>.*?)'''", RegexOptions.Singleline)]
    private static partial Regex Step();
}
