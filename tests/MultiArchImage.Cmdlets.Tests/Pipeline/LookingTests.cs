using System.Security.Cryptography;
using System.Text;
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
    public async Task An_entry_is_taken_by_its_platform()
    {
        await RunAsync(Build);
        var entries = await RunAsync("$fat = Get-FatManifest oci:build:k8s-latest; $fat['linux/arm64']; $fat['arm64']");
        Assert.Equal(["linux/arm64", "linux/arm64"], entries.Values("Platform"));
        Assert.Equal(["True", "True"], await TextsAsync("$null -eq $fat['s390x']; $null -eq $fat['nonsense']"));
        Assert.Equal(entries.Values("Digest")[0], (await RunAsync("(Get-ArchImage oci:build:k8s-arm64-latest).Digest")).Output.Single().BaseObject);
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
        Assert.Contains("Error    RequiredPlatformMissing  linux/s390x", shown);
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

    [Fact]
    public async Task The_raw_document_has_the_digest()
    {
        var digest = (await RunAsync(Build)).Values("Digest").Single();
        var raw = (string)(await RunAsync("Get-FatManifest oci:build:k8s-latest -Raw")).Output.Single().BaseObject;
        Assert.Equal(digest, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(raw))));
        Assert.Single((await RunAsync("Get-FatManifest oci:build:* -Raw")).Output);
    }

    [Fact]
    public async Task Configs_are_objects_and_a_table_of_what_is_pulled()
    {
        await RunAsync(Build);
        var configs = await RunAsync("Get-FatManifest oci:build:k8s-latest | Get-FatManifest -Config");
        Assert.Equal(["linux/amd64", "linux/arm64"], configs.Values("Platform"));
        Assert.All(configs.Values("Size"), size => Assert.InRange((long)size!, 1, 1_000_000));
        Assert.All(configs.Values("Layers"), layers => Assert.NotEmpty((IEnumerable<string>)layers!));
        var shown = await ShowAsync("Get-FatManifest oci:build:k8s-latest -Config");
        Assert.Matches(@"linux/arm64 +sha256:[0-9a-f]{12} +[0-9.]+ k?B ", shown);
    }

    [Fact]
    public async Task Two_names_are_compared_by_platform()
    {
        await RunAsync(Build);
        Assert.Empty((await RunAsync("Compare-FatManifest oci:build:k8s-latest oci:build:k8s-latest")).Output);
        Assert.Equal(["(index)", "linux/amd64", "linux/arm64"], (await RunAsync("Compare-FatManifest oci:build:k8s-latest oci:build:k8s-latest -IncludeEqual")).Values("Platform"));
        await ChangeAsync();
        var changed = await RunAsync("Get-FatManifest oci:build:k8s-next | Compare-FatManifest oci:build:k8s-latest");
        Assert.Equal([("linux/amd64", "Changed"), ("linux/arm64", "Removed")], changed.Values("Platform").Zip(changed.Values("Status"), (platform, status) => ($"{platform}", $"{status}")));
        var shown = await ShowAsync("Compare-FatManifest oci:build:k8s-latest oci:build:k8s-next");
        Assert.Matches(@"linux/amd64 +Changed, [+-][0-9.]+ k?B, layers \+[0-9]+ -[0-9]+\r?\n +label built: none -> 'again'", shown);
        Assert.Matches(@"linux/arm64 +Removed", shown);
    }

    [Fact]
    public async Task What_a_job_saved_as_JSON_is_compared_with_what_is_there_now()
    {
        await RunAsync($"{Build} | ConvertTo-Json | Set-Content saved.json");
        await ChangeAsync();
        var changed = await RunAsync("Compare-FatManifest (Get-Content saved.json -Raw | ConvertFrom-Json) oci:build:k8s-next");
        Assert.Equal(["Changed", "Removed"], changed.Values("Status"));
        Assert.Contains((IEnumerable<string>)changed.Values("Changes")[0]!, line => line == "label built: none -> 'again'");
        var same = await RunAsync("Compare-FatManifest (Get-Content saved.json -Raw | ConvertFrom-Json) oci:build:k8s-latest");
        Assert.Empty(same.Output);
        var table = await RunAsync("Compare-FatManifest @{ Reference = 'oci:build:k8s-latest' } oci:build:k8s-next -IncludeEqual");
        Assert.Equal(3, table.Output.Count);
    }

    [Theory]
    [InlineData("Compare-FatManifest oci:build:k8s-latest oci:build:nowhere", "ManifestNotFound")]
    [InlineData("Compare-FatManifest oci:build:k8s-latest 7", "ParameterArgumentTransformationError")]
    [InlineData("Compare-FatManifest @{ Entries = 1 } oci:build:k8s-latest", "ParameterArgumentTransformationError")]
    [InlineData("Compare-FatManifest @{ Reference = 'a/b'; Entries = @(@{ Digest = 'latest' }) } oci:build:k8s-latest", "ParameterArgumentTransformationError")]
    [InlineData("Compare-FatManifest ':::' oci:build:k8s-latest", "InvalidReference")]
    [InlineData("Get-FatManifest oci:build:k8s-amd64-latest -Raw", "NotFatManifest")]
    [InlineData("Get-FatManifest oci:build:k8s-latest -Raw -Config", "AmbiguousParameterSet")]
    public async Task Bad_input_has_a_name(string script, string errorId)
    {
        await RunAsync(Build);
        Assert.StartsWith(errorId, Assert.Single((await _session.RunAsync(script, _variables)).AllErrors).FullyQualifiedErrorId);
    }

    // A next build of one platform only, with another label.
    private Task<SessionResult> ChangeAsync() => RunAsync(
        "New-ArchImage $hello -Repository example/hello -Tag 'k8s-{arch}-next' -Platform linux/amd64 -Label @{ built = 'again' } -Output oci:build | New-FatManifest");

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
