namespace MultiArchImage.Testbed.Peers;

/// <summary>
/// The other programs that make fat manifests, as one user of one machine runs them: settings, logins and what they keep between commands lie
/// below a folder of its own.
/// </summary>
public sealed class PeerPrograms : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _environment;

    public PeerPrograms()
    {
        _folder.Write("docker/config.json", """{ "experimental": "enabled" }""");
        Directory.CreateDirectory(_folder["docker", "cli-plugins"]);
        File.CreateSymbolicLink(_folder["docker", "cli-plugins", "docker-buildx"], Path.Combine(Folder, "docker-buildx"));
        _environment = new Dictionary<string, string>
        {
            ["HOME"] = _folder.Path,
            ["DOCKER_CONFIG"] = _folder["docker"],
            ["XDG_RUNTIME_DIR"] = _folder.Path,
            ["XDG_CONFIG_HOME"] = _folder["config"],
            ["DOCKER_HOST"] = $"unix://{_folder["no-engine.sock"]}",
        };
    }

    private static string Folder => Requirements.Peers ?? throw new InvalidOperationException("The peers are not at hand; tests/testbed/peers.sh brings them.");

    /// <summary>Runs <c>docker</c>; without an engine, which neither <c>manifest</c> nor <c>buildx imagetools</c> needs.</summary>
    public Task<PeerResult> DockerAsync(params string[] arguments) => BroughtAsync("docker", arguments);

    /// <summary>Runs <c>docker buildx imagetools</c>.</summary>
    public Task<PeerResult> ImagetoolsAsync(params string[] arguments) => BroughtAsync("docker", ["buildx", "imagetools", .. arguments]);

    /// <summary>Runs <c>crane</c>.</summary>
    public Task<PeerResult> CraneAsync(params string[] arguments) => BroughtAsync("crane", arguments);

    /// <summary>Runs <c>oras</c>.</summary>
    public Task<PeerResult> OrasAsync(params string[] arguments) => BroughtAsync("oras", arguments);

    /// <summary>Runs <c>podman</c>, with a store of its own.</summary>
    public Task<PeerResult> PodmanAsync(params string[] arguments) => RunAsync(
        "podman", ["--root", _folder["podman"], "--runroot", _folder["run"], "--storage-driver", "vfs", .. arguments]);

    /// <summary>Runs <c>skopeo</c>.</summary>
    public Task<PeerResult> SkopeoAsync(params string[] arguments) => RunAsync("skopeo", arguments);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private Task<PeerResult> BroughtAsync(string program, string[] arguments) => RunAsync(Path.Combine(Folder, program), arguments);

    private async Task<PeerResult> RunAsync(string program, string[] arguments)
    {
        var (exitCode, output, error) = await Tool.TryRunAsync(program, _environment, arguments);
        return new PeerResult($"{Path.GetFileName(program)} {string.Join(' ', arguments)}", exitCode, output, error);
    }
}

/// <summary>How a peer's run ended, and what it printed.</summary>
/// <param name="Command">The command line.</param>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record PeerResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>This result; one that failed ends the test here and shows why.</summary>
    public PeerResult WithoutError() => ExitCode == 0 ? this : throw new InvalidOperationException($"{Command} ended with {ExitCode}:\n{Output}{Error}");
}
