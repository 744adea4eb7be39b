using System.Text;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Jenkins;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>What jobs meet: a registry with a password, an engine that runs both architectures, and agents with the checkout of a project.</summary>
internal sealed class AgentScene : IAsyncDisposable
{
    private const string User = "jenkins";
    private const string Password = "pa:ss word&<1>";

    private readonly TemporaryFolder _folder = new();
    private readonly List<JenkinsAgent> _agents = [];

    private AgentScene(RegistryProcess registry)
    {
        Registry = registry;
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        _folder.Write("docker/config.json", $$"""{"auths":{"{{registry.Host}}":{"auth":"{{login}}"} } }""");
        SettingsFile = _folder.Write("settings.xml", $"""
            <settings xmlns="http://maven.apache.org/SETTINGS/1.0.0">
              <servers>
                <server><id>elsewhere.example.org</id><username>other</username><password>other</password></server>
                <server><id>{registry.Host}</id><username>{User}</username><password>{Password.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)}</password></server>
              </servers>
            </settings>
            """);
    }

    public RegistryProcess Registry { get; }

    /// <summary>A Maven settings file with the registry's user and password.</summary>
    public string SettingsFile { get; }

    public static async Task<AgentScene> StartAsync() => new(await RegistryProcess.StartWithPasswordAsync(User, Password));

    /// <summary>An agent with the engine and nothing in its home, in whose workspace the context of an image has been checked out.</summary>
    /// <param name="context">The folder of the context in the workspace.</param>
    public JenkinsAgent NewAgent(string context)
    {
        var agent = new JenkinsAgent();
        _agents.Add(agent);
        agent.Environment["DOCKER_HOST"] = Requirements.DockerHost;
        agent.Environment["HUB_USR"] = User;
        agent.Environment["HUB_PSW"] = Password;
        agent.Environment["MULTIARCHIMAGE_BLOB_CACHE"] = "off";
        var target = Directory.CreateDirectory(Path.Combine(agent.Workspace, context)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "docs/examples/hello")))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return agent;
    }

    /// <summary>Pulls and runs a name on both architectures: each prints its own.</summary>
    public async Task RequireRunsOnBothAsync(string name)
    {
        foreach (var platform in new[] { "linux/amd64", "linux/arm64" })
        {
            var printed = await DockerAsync("run", "--rm", "--pull", "always", "--platform", platform, $"{Registry.Host}/{name}");
            Assert.Equal($"Hello from {platform}", printed.Trim());
        }
    }

    /// <summary>The tags of a repository; none where there is no repository.</summary>
    public async Task<IReadOnlyList<string>> TagsAsync(string repository)
    {
        var (exitCode, output, error) = await Tool.TryRunAsync(
            "skopeo", "list-tags", "--tls-verify=false", $"--creds={User}:{Password}", $"docker://{Registry.Host}/{repository}");
        return exitCode == 0
            ? [.. Newtonsoft.Json.Linq.JObject.Parse(output)["Tags"]!.Values<string>().Select(tag => tag!).Order(StringComparer.Ordinal)]
            : error.Contains("404", StringComparison.Ordinal) ? []
            : throw new InvalidOperationException(error);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var images = await DockerAsync("images", "--format", "{{.Repository}}:{{.Tag}}");
        foreach (var image in images.Split('\n').Where(image => image.StartsWith(Registry.Host, StringComparison.Ordinal) && !image.EndsWith("<none>", StringComparison.Ordinal)))
            await DockerAsync("rmi", "--force", image);
        _agents.ForEach(agent => agent.Dispose());
        await Registry.DisposeAsync();
        _folder.Dispose();
    }

    private Task<string> DockerAsync(params string[] arguments) =>
        Tool.RunAsync("docker", ["--config", _folder["docker"], "--host", Requirements.DockerHost!, .. arguments]);
}
