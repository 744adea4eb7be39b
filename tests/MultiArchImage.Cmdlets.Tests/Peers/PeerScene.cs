using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Peers;

/// <summary>A registry, a repository in it, the peers, and a session with the module: the same images for all of them.</summary>
public sealed class PeerScene : IAsyncLifetime
{
    private RegistryProcess? _registry;
    private BareRepository? _repository;
    private PeerPrograms? _peers;
    private int _repositories;

    /// <summary>The other programs.</summary>
    public PeerPrograms Peers => _peers!;

    /// <summary>The registry.</summary>
    public RegistryProcess Registry => _registry!;

    /// <summary>The repository of this test.</summary>
    public BareRepository Repository => _repository!;

    /// <summary>A session with the module.</summary>
    public PowerShellSession Session { get; } = new();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasPeers)
            return;
        _registry = await RegistryProcess.StartAsync();
        _peers = new PeerPrograms();
        NewRepository();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _repository?.Dispose();
        _peers?.Dispose();
        Session.Dispose();
    }

    /// <summary>Gives this test a repository in which nothing is.</summary>
    public void NewRepository()
    {
        _repository?.Dispose();
        _repository = new BareRepository(Registry.Host, $"team/app{++_repositories}");
    }

    /// <summary>The full name of a tag or digest of the repository.</summary>
    public string Name(string tag) => $"{Repository.Reference}{(tag.Contains(':', StringComparison.Ordinal) ? '@' : ':')}{tag}";

    /// <summary>Runs a script with <c>$repository</c>; an error ends the test.</summary>
    public async Task<SessionResult> RunAsync(string script) => (await TryRunAsync(script)).WithoutErrors();

    /// <summary>Runs a script with <c>$repository</c>.</summary>
    public Task<SessionResult> TryRunAsync(string script) => Session.RunAsync(script, new Dictionary<string, object?> { ["repository"] = Repository.Reference });

    /// <summary>Joins tags with the module, and reads what the registry then holds.</summary>
    public async Task<BareIndex> WithModuleAsync(string name, params string[] tags)
    {
        await RunAsync($"New-FatManifest {string.Join(", ", tags.Select(tag => $"'{Name(tag)}'"))} -Name '{Name(name)}'");
        return await Repository.GetIndexAsync(name);
    }

    /// <summary>Joins tags with <c>docker manifest</c>.</summary>
    public async Task<BareIndex> WithDockerAsync(string name, params string[] tags)
    {
        (await Peers.DockerAsync(["manifest", "create", "--insecure", Name(name), .. tags.Select(Name)])).WithoutError();
        (await Peers.DockerAsync("manifest", "push", "--insecure", Name(name))).WithoutError();
        return await Repository.GetIndexAsync(name);
    }

    /// <summary>Joins tags with <c>docker buildx imagetools</c>.</summary>
    public async Task<BareIndex> WithImagetoolsAsync(string name, params string[] tags)
    {
        (await Peers.ImagetoolsAsync(["create", "--tag", Name(name), .. tags.Select(Name)])).WithoutError();
        return await Repository.GetIndexAsync(name);
    }

    /// <summary>Joins tags with <c>crane index append</c>.</summary>
    public async Task<BareIndex> WithCraneAsync(string name, params string[] tags)
    {
        (await Peers.CraneAsync(["index", "append", "--tag", Name(name), .. tags.SelectMany(tag => new[] { "--manifest", Name(tag) })])).WithoutError();
        return await Repository.GetIndexAsync(name);
    }

    /// <summary>Joins tags with <c>oras manifest index</c>.</summary>
    public async Task<BareIndex> WithOrasAsync(string name, params string[] tags)
    {
        (await Peers.OrasAsync(["manifest", "index", "create", "--plain-http", Name(name), .. tags])).WithoutError();
        return await Repository.GetIndexAsync(name);
    }

    /// <summary>Joins tags with <c>podman manifest</c>.</summary>
    public async Task<BareIndex> WithPodmanAsync(string name, params string[] tags)
    {
        (await Peers.PodmanAsync("manifest", "create", Name(name))).WithoutError();
        foreach (var tag in tags)
            (await Peers.PodmanAsync("manifest", "add", "--tls-verify=false", Name(name), $"docker://{Name(tag)}")).WithoutError();
        (await Peers.PodmanAsync("manifest", "push", "--all", "--tls-verify=false", Name(name), $"docker://{Name(name)}")).WithoutError();
        return await Repository.GetIndexAsync(name);
    }
}
