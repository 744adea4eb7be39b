using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>Looking at fat manifests, testing and comparing them, as a script does.</summary>
public sealed class LookingTests : IDisposable
{
    private const string Build =
        "New-ArchImage $hello -Repository example/hello -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Output oci:build | New-FatManifest";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new() { ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello") };

    public LookingTests() => _session.Location = _folder.Path;

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_test_is_a_condition()
    {
        await RunAsync(Build);
        Assert.Equal(["yes"], await TextsAsync("if (Test-FatManifest oci:build:k8s-latest) { 'yes' } else { 'no' }"));
        Assert.Equal(["no"], await TextsAsync("if (Test-FatManifest oci:build:k8s-latest -RequirePlatform linux/s390x) { 'yes' } else { 'no' }"));
        Assert.Equal(["True", "False", "False"], await TextsAsync("'oci:build:k8s-latest', 'oci:build:nowhere', 'oci:build:k8s-amd64-latest' | Test-FatManifest"));
        Assert.Equal(["True"], await TextsAsync("Get-FatManifest oci:build:k8s-latest | Test-FatManifest -Deep -Template k8s-latest -MaximumAge 36500.00:00:00"));
        Assert.Equal(["False"], await TextsAsync("Test-FatManifest oci:build:k8s-latest -MaximumSize 10"));
        Assert.Equal(["True"], await TextsAsync("Test-FatManifest oci:build:k8s-latest -Template 'oci:build:k8s-{arch}-latest'"));
    }

    [Fact]
    public async Task Findings_are_objects_with_codes()
    {
        await RunAsync(Build);
        Assert.Empty((await RunAsync("Test-FatManifest oci:build:k8s-latest -Detailed")).Output);
        var found = await RunAsync("Test-FatManifest oci:build:k8s-latest -RequirePlatform linux/s390x -RequireSame Revision -Detailed");
        Assert.Equal(["RequiredPlatformMissing", "BuildsDiffer"], found.Values("Code"));
        Assert.Equal(["Error", "Error"], found.Values("Severity"));
        Assert.Equal(["NotFound"], (await RunAsync("Test-FatManifest oci:build:nowhere -Detailed")).Values("Code"));
    }

    [Fact]
    public async Task Findings_fit_a_narrow_log()
    {
        await RunAsync(Build);
        var shown = await ShowAsync("Test-FatManifest oci:build:k8s-latest -RequirePlatform linux/s390x -RequireSame Revision -MaximumSize 10 -Detailed");
        Assert.Contains("RequiredPlatformMissing linux/s390x", shown);
    }

    [Theory]
    [InlineData("Test-FatManifest localhost:1/x:y -MaximumRetryCount 0", "RegistryUnreachable")]
    [InlineData("Test-FatManifest ':::'", "InvalidReference")]
    [InlineData("Test-FatManifest oci:build:k8s-latest -Template '{arch}-{arch}'", "InvalidReference")]
    public async Task What_says_nothing_of_the_fat_manifest_is_an_error(string script, string errorId)
    {
        await RunAsync(Build);
        var result = await _session.RunAsync(script, _variables);
        Assert.StartsWith(errorId, Assert.Single(result.AllErrors).FullyQualifiedErrorId);
        Assert.Empty(result.Output);
    }

    private async Task<SessionResult> RunAsync(string script) => (await _session.RunAsync(script, _variables)).WithoutErrors();

    private async Task<IEnumerable<string>> TextsAsync(string script) => (await RunAsync(script)).Output.Select(item => $"{item}");

    // What a Jenkins log shows: no line is longer than 80 columns.
    private async Task<string> ShowAsync(string script)
    {
        var shown = await _session.ShowAsync(script, _variables);
        Assert.All(shown.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
        return shown;
    }
}
