using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>Other programs at the local registry: crane, oras, docker's imagetools, podman and skopeo.</summary>
[Needs(Part.HttpListener)]
public sealed class PeerClientTests : IAsyncDisposable
{
    private readonly ServedRegistry _registry = new();
    private readonly ServedRegistry _guarded = new(new RegistryCredential("user", "secret"));
    private readonly TemporaryFolder _folder = new();
    private readonly PeerPrograms _peers = new();

    private string Place => $"{_registry.Server.Host}/team/app";

    public async ValueTask DisposeAsync()
    {
        _peers.Dispose();
        _folder.Dispose();
        await _guarded.DisposeAsync();
        await _registry.DisposeAsync();
    }

    [PeerFact]
    public async Task Crane_pushes_joins_copies_validates_lists_and_deletes()
    {
        foreach (var variant in new[] { "v7", "v8" })
            await CraneAsync("push", await LayoutAsync(variant), $"{Place}:{variant}");
        await CraneAsync("index", "append", "--manifest", $"{Place}:v7", "--manifest", $"{Place}:v8", "--tag", $"{Place}:fat");
        await CraneAsync("copy", $"{Place}:fat", $"{_registry.Server.Host}/copied:1.0");
        await CraneAsync("validate", "--remote", $"{_registry.Server.Host}/copied:1.0");
        Assert.Equal(["copied", "team/app"], Lines(await CraneAsync("catalog", _registry.Server.Host)));
        await CraneAsync("delete", $"{Place}:fat");
        Assert.Equal(["v7", "v8"], Lines(await CraneAsync("ls", Place)));
    }

    [PeerFact]
    public async Task Oras_attaches_finds_copies_with_referrers_and_deletes()
    {
        var copy = $"{_registry.Server.Host}/copied";
        var file = _folder.Write("note.txt", "content");
        await OrasAsync("push", "--plain-http", "--disable-path-validation", $"{Place}:1.0", file);
        await OrasAsync("attach", "--plain-http", "--disable-path-validation", "--artifact-type", "application/vnd.example.note", $"{Place}:1.0", file);
        await OrasAsync("copy", "--from-plain-http", "--to-plain-http", "--recursive", $"{Place}:1.0", $"{copy}:2.0");
        Assert.Contains("application/vnd.example.note", await OrasAsync("discover", "--plain-http", "--artifact-type", "application/vnd.example.note", $"{copy}:2.0"));
        Assert.Equal(["2.0"], Lines(await OrasAsync("repo", "tags", "--plain-http", copy)));
        await OrasAsync("pull", "--plain-http", "--allow-path-traversal", "--output", _folder["pulled"], $"{copy}:2.0");
        await OrasAsync("manifest", "delete", "--force", "--plain-http", $"{copy}:2.0");
        Assert.Empty(Lines(await OrasAsync("repo", "tags", "--plain-http", copy)));
    }

    [PeerFact]
    public async Task Imagetools_joins_and_inspects()
    {
        foreach (var variant in new[] { "v7", "v8" })
            await CraneAsync("push", await LayoutAsync(variant), $"{Place}:{variant}");
        (await _peers.ImagetoolsAsync("create", "--tag", $"{Place}:fat", $"{Place}:v7", $"{Place}:v8")).WithoutError();
        Assert.Contains("image.index", (await _peers.ImagetoolsAsync("inspect", "--raw", $"{Place}:fat")).WithoutError().Output);
    }

    [PeerFact]
    public async Task They_log_in_with_the_password_and_not_without()
    {
        var host = _guarded.Server.Host;
        var layout = await LayoutAsync("v8");
        Assert.NotEqual(0, (await _peers.CraneAsync("push", "--insecure", layout, $"{host}/team/app:1.0")).ExitCode);
        await CraneAsync("auth", "login", host, "--username", "user", "--password", "secret");
        await CraneAsync("push", layout, $"{host}/team/app:1.0");
        await OrasAsync("login", "--plain-http", host, "--username", "user", "--password", "secret");
        Assert.Equal(["1.0"], Lines(await OrasAsync("repo", "tags", "--plain-http", $"{host}/team/app")));
        Assert.NotEqual(0, (await _peers.PodmanAsync("login", "--tls-verify=false", "--username", "user", "--password", "wrong", host)).ExitCode);
        (await _peers.PodmanAsync("login", "--tls-verify=false", "--username", "user", "--password", "secret", host)).WithoutError();
    }

    private async Task<string> LayoutAsync(string variant)
    {
        var folder = _folder[variant];
        await new SampleImage(variant, "arm", variant).PutAsync(new LayoutStore(folder), "1.0");
        return folder;
    }

    private async Task<string> CraneAsync(params string[] arguments) => (await _peers.CraneAsync([.. arguments, "--insecure"])).WithoutError().Output;

    private async Task<string> OrasAsync(params string[] arguments) => (await _peers.OrasAsync(arguments)).WithoutError().Output;

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
