using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>Fat manifests that are changed, and the gates of those that are made, as scripts do it.</summary>
public sealed class UpdateFatManifestTests : IAsyncLifetime
{
    private const string Build =
        "New-ArchImage $hello -Repository example/hello -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Output oci:build -Label @{ 'org.opencontainers.image.revision' = 'abc' }";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new() { ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello") };

    public async ValueTask InitializeAsync()
    {
        _session.Location = _folder.Path;
        _variables["images"] = (await RunAsync(Build)).WithoutErrors().Output;
    }

    public ValueTask DisposeAsync()
    {
        _session.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_job_adds_its_own_image()
    {
        var first = (await RunAsync("$images | Where-Object Architecture -eq amd64 | Update-FatManifest oci:build:k8s-latest")).WithoutErrors();
        var second = (await RunAsync("Update-FatManifest oci:build:k8s-latest oci:build:k8s-arm64-latest -IfDigest (Get-FatManifest oci:build:k8s-latest)")).WithoutErrors();
        Assert.Equal(["Created", "Updated"], [.. first.Values("Status"), .. second.Values("Status")]);
        Assert.Equal(first.Values("Digest"), second.Values("PreviousDigest"));
        Assert.Equal(["linux/amd64", "linux/arm64"], (IEnumerable<string>)second.Values("Platforms")[0]!);
    }

    [Fact]
    public async Task Entries_are_removed_and_the_whole_annotated()
    {
        await RunAsync("$images | Update-FatManifest oci:build:fat");
        var changed = (await RunAsync("Update-FatManifest oci:build:fat -Remove aarch64 -Annotation @{ key = 'value' }")).WithoutErrors();
        Assert.Equal(["linux/amd64"], (IEnumerable<string>)changed.Values("Platforms")[0]!);
        Assert.Equal("value", ((IReadOnlyDictionary<string, string>)changed.Values("Annotations")[0]!)["key"]);
    }

    [Fact]
    public async Task WhatIf_says_what_would_change_and_changes_nothing()
    {
        await RunAsync("$images | Where-Object Architecture -eq amd64 | Update-FatManifest oci:build:fat");
        var shown = await _session.ShowAsync("Update-FatManifest oci:build:fat oci:build:k8s-arm64-latest -WhatIf", _variables);
        Assert.Matches(@"unchanged  linux/amd64 +sha256:[0-9a-f]{12}\s+added      linux/arm64 +sha256:[0-9a-f]{12}", shown);
        Assert.Contains("planned", shown);
        Assert.Equal(["linux/amd64"], (IEnumerable<string>)(await RunAsync("Get-FatManifest oci:build:fat")).Values("Platforms")[0]!);
    }

    [Theory]
    [InlineData("Update-FatManifest oci:build:fat -Remove linux/s390x", "PlatformNotThere")]
    [InlineData("Update-FatManifest oci:build:fat -Remove linux/amd64, linux/arm64", "NothingLeft")]
    [InlineData("Update-FatManifest oci:build:k8s-amd64-latest -Annotation @{ a = 'b' }", "NotFatManifest")]
    [InlineData("Update-FatManifest oci:build:fat", "NothingToJoin")]
    [InlineData("Update-FatManifest oci:build:fat -Remove linux/amd64 -IfDigest ('sha256:' + '0' * 64)", "TagChanged")]
    [InlineData("Update-FatManifest oci:build:fat -IfDigest latest", "ParameterArgumentTransformationError")]
    [InlineData("$images | New-FatManifest -ExpectedDigest ('sha256:' + '0' * 64)", "UnexpectedDigest")]
    [InlineData("$images | New-FatManifest -RequireSame Version", "BuildsDiffer")]
    [InlineData("New-FatManifest -FromTemplate 'oci:build:k8s-{arch}-latest' -WaitFor linux/s390x -WaitTimeout 0", "WaitTimeout")]
    [InlineData("$images | New-FatManifest -PlatformMap @{ 'k8s-arm64-latest' = 'linux/s390x' }", "PlatformMismatch")]
    [InlineData("$images | New-FatManifest -PlatformMap @{ 'gone' = 'linux/arm64' }", "UnmatchedKey")]
    [InlineData("$images | New-FatManifest -EntryAnnotation @{ 'linux/arm64' = 'value' }", "Argument")]
    public async Task Bad_input_has_a_name(string script, string errorId)
    {
        await RunAsync("$images | Update-FatManifest oci:build:fat");
        Assert.StartsWith(errorId, (await RunAsync(script)).AllErrors.Last().FullyQualifiedErrorId);
    }

    [Fact]
    public async Task All_that_can_be_asked_of_a_fat_manifest_is_done()
    {
        var fat = (await RunAsync("""
            New-FatManifest -FromTemplate 'oci:build:k8s-{arch}-latest' -WaitFor linux/arm64 -Timeout 00:00:10 -RequireSame Revision -NoAttestation `
                -PlatformMap @{ 'oci:build:k8s-arm64-latest' = 'linux/arm64/v8' } -EntryAnnotation @{ 'linux/arm64' = @{ key = 'value' } } `
                -Subject oci:build:k8s-amd64-latest -ArtifactType application/vnd.example+json -KeepPreviousAs 'before-{tag}'
            """)).WithoutErrors();
        Assert.Equal(["linux/amd64", "linux/arm64/v8"], (IEnumerable<string>)fat.Values("Platforms")[0]!);
        Assert.Single((System.Collections.IEnumerable)fat.Values("EntryAnnotations")[0]!);
    }

    private Task<SessionResult> RunAsync(string script) => _session.RunAsync(script, _variables);
}
