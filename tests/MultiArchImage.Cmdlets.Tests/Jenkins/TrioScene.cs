using System.Text.Json.Nodes;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>
/// Jobs as the templates in <c>docs/jenkins/jjb</c> make them: each runs a script of <c>docs/jenkins/pwsh</c> in a process, a home and a folder of its
/// own, with the variables that the template injects and a Maven settings file, against a real registry that wants a password.
/// </summary>
internal sealed class TrioScene : IAsyncDisposable
{
    /// <summary>A colon, at which the shell scripts cut a password off, and what XML has to escape.</summary>
    private const string Password = "pa:ss & <word>";

    private const string User = "jenkins";

    private readonly List<BareRepository> _repositories = [];
    private readonly List<RegistryProcess> _others = [];
    private readonly TemporaryFolder _docker = new();

    private TrioScene(RegistryProcess registry) => Registry = registry;

    /// <summary>The registry.</summary>
    public RegistryProcess Registry { get; }

    /// <summary>The scripts that are shipped.</summary>
    public static string Scripts { get; } = Path.Combine(Repository.Root, "docs/jenkins/pwsh");

    public static async Task<TrioScene> OpenAsync() => new(await RegistryProcess.StartWithPasswordAsync(User, Password));

    /// <summary>A further registry, which the settings file of each job knows too.</summary>
    public async Task<RegistryProcess> AddRegistryAsync()
    {
        _others.Add(await RegistryProcess.StartWithPasswordAsync(User, Password));
        return _others[^1];
    }

    /// <summary>A repository of a registry, to look at and to fill with bare requests.</summary>
    public BareRepository Look(string name, RegistryProcess? registry = null)
    {
        _repositories.Add(new BareRepository((registry ?? Registry).Host, name, $"{User}:{Password}"));
        return _repositories[^1];
    }

    /// <summary>A node with nothing on it yet, and what the template gives its job.</summary>
    public HostProcess Node(params (string Name, string Value)[] variables)
    {
        var node = new HostProcess();
        node.Environment["DOCKER_HOST"] = Requirements.DockerHost;
        var servers = _others.Prepend(Registry).Select(registry =>
            $"<server><id>{registry.Host}</id><username>{User}</username><password>{System.Security.SecurityElement.Escape(Password)}</password></server>");
        node.Environment["SETTINGS_FILE"] = node.Home.Write(
            "settings.xml", $"""<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0"><servers>{string.Concat(servers)}</servers></settings>""");
        node.Environment["WORKSPACE"] = node.Home.Path;
        foreach (var (name, value) in Injected(Registry.Host).Concat(variables))
            node.Environment[name] = value;
        return node;
    }

    /// <summary>Runs a shipped script on a node of its own, which is gone afterwards.</summary>
    /// <param name="script">Its name.</param>
    /// <param name="checkout">Fills the workspace.</param>
    /// <param name="variables">What the job injects besides what all jobs have.</param>
    public async Task<HostResult> RunAsync(string script, Action<TemporaryFolder> checkout, params (string Name, string Value)[] variables)
    {
        using var node = Node(variables);
        checkout(node.Home);
        var result = await node.RunAsync("-File", Path.Combine(Scripts, script));
        // Nothing is kept on the node: no login of this job is there for the next.
        Assert.False(Path.Exists(node.Home[".docker"]));
        Assert.DoesNotContain("pa:ss", result.Output + result.Error);
        return result;
    }

    /// <summary>What was printed, in one line: errors are broken at 80 columns, with a bar before each line.</summary>
    public static string Unwrapped(string text) => string.Join(' ', text.Split([' ', '\n', '|'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The result of a job that came to its end.</summary>
    public static HostResult Good(HostResult result)
    {
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return result;
    }

    /// <summary>The revision that each entry of a fat manifest was built of, by platform.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> RevisionsAsync(BareRepository repository, BareIndex fat)
    {
        var revisions = new Dictionary<string, string>();
        foreach (var (platform, digest) in fat.Platforms.Zip(fat.Digests))
            revisions[platform] = $"{(await repository.GetConfigAsync(digest))["config"]!["Labels"]!["org.opencontainers.image.revision"]}";
        return revisions;
    }

    /// <summary>What a container of an image prints, pulled anew by a user who has logged in.</summary>
    public async Task<string> DockerRunAsync(string reference, string platform)
    {
        _docker.Write("config.json", new JsonObject
        {
            ["auths"] = new JsonObject
            {
                [Registry.Host] = new JsonObject { ["auth"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{User}:{Password}")) },
            },
        }.ToJsonString());
        return await DockerAsync("run", "--rm", "--pull", "always", "--platform", platform, reference);
    }

    /// <summary>The names that the engine has of this registry's images.</summary>
    public async Task<IReadOnlyList<string>> EngineImagesAsync() =>
        [.. (await DockerAsync("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", $"reference={Registry.Host}/*/*"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Requirements.HasEngine)
        {
            foreach (var image in await EngineImagesAsync())
                await DockerAsync("rmi", "--force", image);
        }
        _repositories.ForEach(repository => repository.Dispose());
        _docker.Dispose();
        foreach (var registry in _others.Prepend(Registry))
            await registry.DisposeAsync();
    }

    // As multiarch-environment injects them, for Akraino's project.
    private static IEnumerable<(string Name, string Value)> Injected(string host) =>
    [
        ("CONTAINER_PUSH_REGISTRY", host),
        ("CONTAINER_TAG_METHOD", "latest"),
        ("CONTAINER_TAG_YAML_DIR", ""),
        ("DOCKER_ARGS", ""),
        ("DOCKER_NAME", "akraino/validation"),
        ("DOCKER_ROOT", "docker/k8s"),
        ("DOCKER_TAG", "k8s-ARCH-TAG"),
        ("DOCKERFILE", "Dockerfile"),
        ("NO_COLOR", "1"),
        ("STREAM", "master"),
        ("PUSH_IMAGE", "true"),
        ("PLATFORMS", "linux/amd64 linux/arm64"),
        ("REQUIRED_PLATFORMS", "linux/amd64 linux/arm64"),
    ];

    private async Task<string> DockerAsync(params string[] arguments) =>
        (await Tool.RunAsync("docker", ["--host", Requirements.DockerHost!, "--config", _docker.Path, .. arguments])).Trim();
}
