using System.Management.Automation;
using System.Net;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>Sixteen runspaces of one process at once, as <c>ForEach-Object -Parallel</c> and <c>Start-ThreadJob</c> make them.</summary>
public sealed class RunspaceTests : IDisposable
{
    private const int Sessions = 16;

    private static readonly string[] Platforms =
    [
        "linux/386", "linux/amd64", "linux/arm/v5", "linux/arm/v6", "linux/arm/v7", "linux/arm64", "linux/loong64", "linux/mips", "linux/mips64", "linux/mips64le",
        "linux/mipsle", "linux/ppc64", "linux/ppc64le", "linux/riscv64", "linux/s390x", "linux/sparc64",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly List<PowerShellSession> _sessions = [.. Enumerable.Range(0, Sessions).Select(_ => new PowerShellSession())];

    public RunspaceTests()
    {
        _folder.Write("app/Dockerfile", "FROM scratch\nCOPY Dockerfile /");
        _sessions.ForEach(session => session.Location = _folder.Path);
    }

    public void Dispose()
    {
        _sessions.ForEach(session => session.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_builds_into_one_layout_and_adds_its_platform_and_none_is_lost()
    {
        await RunAsync(number => $"New-ArchImage app -Tag '1.0-{{arch}}' -Platform {Platforms[number]} -Output oci:build | Update-FatManifest oci:build:1.0");
        var fat = (await _sessions[0].RunAsync("Get-FatManifest oci:build:1.0")).WithoutErrors();
        Assert.Equal(Platforms, ((IEnumerable<string>)fat.Values("Platforms").Single()!).Order(StringComparer.Ordinal));
        Assert.Equal([true], (await _sessions[0].RunAsync("Test-FatManifest oci:build:1.0 -Deep")).WithoutErrors().Output.Select(result => (bool)result.BaseObject));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task They_share_one_token_and_see_the_same()
    {
        using var tokens = new TokenServer("jenkins", "hidden");
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var login = new PSCredential("jenkins", new NetworkCredential("", "hidden").SecurePassword);
        (await _sessions[0].RunAsync(
            $"New-ArchImage app -Repository {registry.Host}/app -Tag '1.0-{{arch}}' -Platform linux/amd64 -Output oci:build | Publish-ArchImage -Credential $login | New-FatManifest -Credential $login",
            new Dictionary<string, object?> { ["login"] = login })).WithoutErrors();
        tokens.Requests.Clear();
        // The process has a token that allows it: sixteen readers at once need no other.
        var results = await RunAsync(_ => $"1..4 | ForEach-Object {{ (Get-FatManifest {registry.Host}/app:1.0 -Credential $login).Digest }}", login);
        Assert.Single(results.SelectMany(result => result.Output).Select(digest => $"{digest}").Distinct());
        Assert.Equal(4 * Sessions, results.Sum(result => result.Output.Count));
        Assert.Empty(tokens.Requests);
    }

    [Fact]
    public async Task A_session_that_ends_or_forgets_the_module_leaves_the_others_theirs()
    {
        await RunAsync(number => number % 2 == 0
            ? "Remove-Module MultiArchImage"
            : $"1..5 | ForEach-Object {{ New-ArchImage app -Tag '{number}-{{arch}}' -Platform linux/amd64 -Output oci:build }}");
        foreach (var gone in _sessions.Where((_, number) => number % 2 == 0))
            gone.Dispose();
        var images = (await _sessions[1].RunAsync("Get-ArchImage oci:build:*")).WithoutErrors();
        Assert.Equal(Sessions / 2, images.Output.Count);
    }

    // Each has a thread of its own for its pipeline.
    private async Task<IReadOnlyList<SessionResult>> RunAsync(Func<int, string> script, PSCredential? login = null)
    {
        var variables = new Dictionary<string, object?> { ["login"] = login };
        var running = _sessions.Select((session, number) => session.RunAsync(script(number), variables)).ToList();
        return [.. (await Task.WhenAll(running)).Select(result => result.WithoutErrors())];
    }
}
