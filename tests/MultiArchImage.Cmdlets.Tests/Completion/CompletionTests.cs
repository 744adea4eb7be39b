using System.Diagnostics;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Completion;

public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public CompletionTests() => _session.Location = _folder.Path;

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("New-ArchImage -Platform linux/arm", "linux/arm64", "linux/arm/v7", "linux/arm/v6")]
    [InlineData("New-FatManifest -RequirePlatform linux/amd64, s39", "linux/s390x")]
    [InlineData("Update-FatManifest x -Remove 'WIN", "'windows/amd64'", "'windows/arm64'")]
    [InlineData("New-ArchImage -Tag 'k8s-{a", "'k8s-{arch}'")]
    [InlineData("Resolve-ArchTag -Template '{tag}-{da", "'{tag}-{date}'")]
    [InlineData("New-FatManifest x -KeepPreviousAs 'old-{d", "'old-{digest}'")]
    [InlineData("Test-FatManifest x -RequireSame Rev", "Revision")]
    [InlineData("New-ArchImage -Output ", "oci:")]
    [InlineData("Get-FatManifest oci:there.is/no:", "")]
    public async Task Words_are_offered(string script, params string[] expected) =>
        Assert.Equal(expected.Where(word => word.Length > 0), await CompleteAsync(script));

    [Fact]
    public async Task Layouts_are_found_with_their_tags_and_templates()
    {
        _folder.Write("there/Dockerfile", "FROM scratch\nCOPY Dockerfile /");
        (await _session.RunAsync("New-ArchImage there -Tag 'k8s-{arch}-1.0' -Platform linux/amd64, linux/arm64 -Output oci:build")).WithoutErrors();
        Assert.Equal(["oci:build:k8s-amd64-1.0", "oci:build:k8s-arm64-1.0"], await CompleteAsync("Get-ArchImage oci:build:"));
        Assert.Equal(["oci:build:k8s-arm64-1.0"], await CompleteAsync("New-FatManifest oci:build:k8s-ar"));
        Assert.Equal(["'oci:build:k8s-{arch}-1.0'"], await CompleteAsync("New-FatManifest -FromTemplate oci:build:"));
        Assert.Equal(["oci:build"], await CompleteAsync("Get-ArchImage oci:bu"));
        Assert.Equal(["oci:there/Dockerfile"], await CompleteAsync("Get-ArchImage oci:there/"));
        Assert.Equal(["oci:build"], await CompleteAsync("New-ArchImage there -Output bui"));
    }

    [Fact]
    public async Task Credentials_of_the_environment_are_offered_by_their_name_where_both_halves_are_there()
    {
        await _session.RunAsync("$env:COMPLETED_HUB_USR = 'jenkins'; $env:COMPLETED_HUB_PSW = 'hidden'; $env:COMPLETED_HALF_USR = 'jenkins'");
        try
        {
            Assert.Equal(["COMPLETED_HUB"], await CompleteAsync("Connect-ArchRegistry docker.io -FromEnvironment COMPLETED"));
        }
        finally
        {
            await _session.RunAsync("$env:COMPLETED_HUB_USR = $env:COMPLETED_HUB_PSW = $env:COMPLETED_HALF_USR = $null");
        }
    }

    [RegistryFact]
    public async Task Tags_of_a_registry_are_asked_for_once_and_kept_for_a_while()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var repository = new BareRepository(registry.Host, "team/app");
        await repository.PushImageAsync("amd64-1.0", "linux/amd64");
        await repository.PushImageAsync("arm64-1.0", "linux/arm64");
        await registry.TakeRequestsAsync();
        var r = repository.Reference;
        Assert.Equal([$"{r}:amd64-1.0", $"{r}:arm64-1.0"], await CompleteAsync($"Copy-ArchImage {r}:"));
        Assert.Equal([$"{r}:arm64-1.0"], await CompleteAsync($"Get-ArchImage -Remote {r}:arm"));
        Assert.Equal([$"'{r}:{{arch}}-1.0'"], await CompleteAsync($"New-FatManifest -FromTemplate {r}:"));
        Assert.Single(await registry.TakeRequestsAsync());
    }

    [Fact]
    public async Task A_registry_that_is_silent_costs_a_second_and_no_error()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var start = Stopwatch.StartNew();
        Assert.Empty(await CompleteAsync($"Get-FatManifest {silent.LocalEndpoint}/team/app:"));
        Assert.InRange(start.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private async Task<IEnumerable<string>> CompleteAsync(string script)
    {
        var result = await _session.RunAsync(
            "(TabExpansion2 -inputScript $script -cursorColumn $script.Length).CompletionMatches | ForEach-Object CompletionText",
            new Dictionary<string, object?> { ["script"] = script });
        return result.WithoutErrors().Output.Select(text => $"{text}");
    }
}
