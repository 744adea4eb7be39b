using System.Text.RegularExpressions;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Jenkins;
using MultiArchImage.Testbed.PowerShell;
using YamlDotNet.RepresentationModel;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>The workflows of GitHub Actions and GitLab CI: their scripts, taken out of them and run, each on a runner of its own.</summary>
public sealed partial class WorkflowTests : IAsyncLifetime
{
    private AgentScene? _scene;

    public async ValueTask InitializeAsync() => _scene = Requirements.HasEngineAndRegistry ? await AgentScene.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_scene is not null)
            await _scene.DisposeAsync();
    }

    [EngineFact]
    public async Task The_workflow_of_GitHub_joins_what_two_runners_pushed()
    {
        var workflow = Read("github-actions.yaml");
        var jobs = (YamlMappingNode)workflow["jobs"];
        Assert.Equal("build", Text(jobs["join"]["needs"]));
        var values = new Dictionary<string, string> { ["github.repository"] = "team/app", ["github.actor"] = "jenkins" };
        var last = Runner();
        foreach (var runner in (YamlSequenceNode)jobs["build"]["strategy"]["matrix"]["include"])
        {
            var builder = Runner();
            values["matrix.arch"] = Text(runner["arch"]);
            SetVariables(builder, workflow["env"], values);
            SetVariables(builder, jobs["build"]["env"], values);
            await SucceedAsync(builder, Text(GitHubSteps(jobs["build"]).Single()["run"]));
            var upload = ((YamlSequenceNode)jobs["build"]["steps"]).Single(step => Uses(step, "actions/upload-artifact"));
            Hand(builder, Text(upload["with"]["path"]), last);
        }
        SetVariables(last, workflow["env"], values);
        SetVariables(last, jobs["join"]["env"], values);
        await SucceedAsync(last, Text(GitHubSteps(jobs["join"]).Single()["run"]));
        await _scene!.RequireRunsOnBothAsync("team/app:latest");
    }

    [EngineFact]
    public async Task The_pipeline_of_GitLab_joins_what_two_runners_pushed()
    {
        var pipeline = Read("gitlab-ci.yaml");
        var values = new Dictionary<string, string>
        {
            ["CI_REGISTRY"] = _scene!.Registry.Host, ["CI_REGISTRY_IMAGE"] = $"{_scene.Registry.Host}/team/app", ["CI_REGISTRY_USER"] = "jenkins",
        };
        Assert.Equal(["images", "manifest"], ((YamlSequenceNode)pipeline["stages"]).Select(Text));
        var last = Runner();
        foreach (var architecture in (YamlSequenceNode)((YamlSequenceNode)pipeline["build"]["parallel"]["matrix"])[0]["ARCH"])
        {
            var builder = Runner();
            SetVariables(builder, pipeline["variables"], values);
            builder.Environment["ARCH"] = Text(architecture);
            await SucceedAsync(builder, Text(Assert.Single((YamlSequenceNode)pipeline["build"]["script"])));
            Hand(builder, Text(Assert.Single((YamlSequenceNode)pipeline["build"]["artifacts"]["paths"])), last);
        }
        SetVariables(last, pipeline["variables"], values);
        await SucceedAsync(last, Text(Assert.Single((YamlSequenceNode)pipeline["manifest"]["script"])));
        await _scene!.RequireRunsOnBothAsync("team/app:latest");
    }

    private static YamlNode Read(string file)
    {
        var stream = new YamlStream();
        using var text = File.OpenText(Path.Combine(Repository.Root, "docs", "ci", file));
        stream.Load(text);
        return Assert.Single(stream.Documents).RootNode;
    }

    // The Host brings the module, and there is no gallery here to install it from.
    private static IEnumerable<YamlNode> GitHubSteps(YamlNode job) => ((YamlSequenceNode)job["steps"])
        .Where(step => Has(step, "run") && !(Has(step, "name") && Text(step["name"]) == "Install the module"));

    private static bool Uses(YamlNode step, string action) => Has(step, "uses") && Text(step["uses"]).StartsWith(action, StringComparison.Ordinal);

    private static bool Has(YamlNode node, string name) => ((YamlMappingNode)node).Children.ContainsKey(new YamlScalarNode(name));

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private JenkinsAgent Runner() => _scene!.NewAgent(".");

    // ${{ name }} and $NAME; the registry and its password are those of this test.
    private void SetVariables(JenkinsAgent runner, YamlNode variables, Dictionary<string, string> values)
    {
        foreach (var (name, value) in ((YamlMappingNode)variables).Children)
        {
            if (Text(name) == "HUB_PSW")
                continue;
            var text = Expression().Replace(Text(value), match => values[match.Groups["name"].Value]);
            runner.Environment[Text(name)] = text.Replace("ghcr.io", _scene!.Registry.Host, StringComparison.Ordinal);
        }
        foreach (var (name, value) in values.Where(value => value.Key.StartsWith("CI_", StringComparison.Ordinal)))
            runner.Environment[name] = value;
    }

    private static async Task SucceedAsync(JenkinsAgent runner, string script)
    {
        Assert.StartsWith("$ErrorActionPreference = 'Stop'", script);
        var step = await runner.RunAsync(StepKind.PowerShell, script);
        Assert.True(step.ExitCode == 0, step.Log);
        Assert.Empty(Directory.EnumerateFiles(runner.Home, "*", SearchOption.AllDirectories));
    }

    private static void Hand(JenkinsAgent from, string files, JenkinsAgent to)
    {
        foreach (var file in Directory.GetFiles(from.Workspace, files))
            File.Copy(file, Path.Combine(to.Workspace, Path.GetFileName(file)));
    }

    [GeneratedRegex(@"\$\{\{ (?<name>[a-z.]+) \}\}|\$(?<name>[A-Z_]+)")]
    private static partial Regex Expression();
}
