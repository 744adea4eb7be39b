using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>Copying, promoting and undoing, on real registries and layouts.</summary>
public sealed class CopyArchImageTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new() { ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello") };
    private RegistryProcess _registry = null!;

    public async ValueTask InitializeAsync()
    {
        _session.Location = _folder.Path;
        if (!Requirements.HasRegistry)
            return;
        _registry = await RegistryProcess.StartAsync();
        _variables["registry"] = _registry.Host;
        _variables["run"] = "1";
        await BuildAsync();
        await CountAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _session.Dispose();
        _folder.Dispose();
    }

    [RegistryFact]
    public async Task A_tested_fat_manifest_is_promoted_by_digest_to_tags_of_its_repository()
    {
        var fat = await RunAsync("$global:fat = Get-FatManifest $registry/app:k8s-latest -IndexOnly; $fat");
        _variables["run"] = "2";
        await BuildAsync();
        await CountAsync();
        var released = await RunAsync("$fat | Copy-ArchImage -Destination $registry/app:1.0");
        // The tag means something else by now; what was looked at is what is released: one GET, one look, one PUT.
        Assert.Equal(["1 GET manifests", "1 HEAD manifests", "1 PUT manifests"], await CountAsync());
        Assert.Equal((fat.Values("Digest").Single(), "Created"), (released.Values("Digest").Single(), released.Values("Status").Single()));
        await RunAsync("$fat | Copy-ArchImage -Destination $registry/app:1.1 -Force");
        Assert.Equal(["1 GET manifests", "1 PUT manifests"], await CountAsync());
        Assert.Equal(["Unchanged"], (await RunAsync("$fat | Copy-ArchImage -Destination $registry/app:1.0 -NoClobber")).Values("Status"));
    }

    [RegistryFact]
    public async Task Another_registry_gets_it_although_only_one_request_may_be_under_way()
    {
        await using var other = await RegistryProcess.StartAsync();
        _variables["other"] = other.Host;
        var copied = await RunAsync("Copy-ArchImage $registry/app:k8s-latest $other/app -ThrottleLimit 1 -TimeoutSec 5 -MaximumRetryCount 0");
        Assert.Equal(["Created"], copied.Values("Status"));
    }

    [RegistryFact]
    public async Task Another_repository_of_the_registry_gets_it_by_mounts()
    {
        var copied = await RunAsync("Copy-ArchImage $registry/app:k8s-latest $registry/released");
        Assert.Equal([$"{_registry.Host}/released:k8s-latest"], copied.Values("Reference"));
        Assert.Equal(["3 GET manifests", "1 HEAD manifests", "4 POST blobs", "3 PUT manifests"], await CountAsync());
        Assert.Equal(["True"], (await RunAsync("Test-FatManifest $registry/released:k8s-latest -Deep")).Output.Select(text => $"{text}"));
    }

    [RegistryFact]
    public async Task Another_registry_a_layout_and_an_archive_get_the_same_digest()
    {
        await using var other = await RegistryProcess.StartAsync();
        _variables["other"] = other.Host;
        var copied = await RunAsync("Copy-ArchImage $registry/app:k8s-latest $other/mirror, oci:copy, oci-archive:copy.tar");
        Assert.Equal(3, copied.Output.Count);
        Assert.Single(copied.Values("Digest").Distinct());
        _variables["copied"] = copied.Output;
        Assert.Equal(["True", "True", "True"], (await RunAsync("$copied | Test-FatManifest -Deep")).Output.Select(text => $"{text}"));
        await Tool.RunAsync("skopeo", "copy", "--all", "--src-tls-verify=false", $"docker://{other.Host}/mirror:k8s-latest", $"oci:{_folder["witness"]}:1");
        await RunAsync("Copy-ArchImage oci:copy:k8s-latest $other/back:1");
        Assert.Equal(copied.Values("Digest")[0], (await RunAsync("Get-FatManifest $other/back:1")).Values("Digest").Single());
    }

    [RegistryFact]
    public async Task Some_platforms_are_a_fat_manifest_again()
    {
        var some = await RunAsync("Copy-ArchImage $registry/app:k8s-latest oci:some -Platform linux/arm64");
        Assert.Equal(["linux/arm64"], (IEnumerable<string>)some.Values("Platforms").Single()!);
        Assert.Equal(["True"], (await RunAsync("Test-FatManifest oci:some:k8s-latest -Deep")).Output.Select(text => $"{text}"));
        await FailsAsync("Copy-ArchImage $registry/app:k8s-latest oci:some -Platform linux/s390x", "NoImageForPlatform");
    }

    [RegistryFact]
    public async Task What_was_replaced_is_put_back_by_one_pipe()
    {
        var old = (await RunAsync("Get-FatManifest $registry/app:k8s-latest")).Values("Digest").Single();
        _variables["run"] = "2";
        _variables["fat"] = (await BuildAsync()).Output.Single();
        var undone = await RunAsync("$fat | Copy-ArchImage -Previous");
        Assert.Equal((old, "Updated"), (undone.Values("Digest").Single(), undone.Values("Status").Single()));
        Assert.Equal(old, (await RunAsync("Get-FatManifest $registry/app:k8s-latest")).Values("Digest").Single());
        // Somebody else moved the tag since: nobody's work is undone by accident.
        _variables["run"] = "3";
        await BuildAsync();
        await FailsAsync("$fat | Copy-ArchImage -Previous", "TagChanged");
        await RunAsync("$fat | Copy-ArchImage -Previous -Force");
        Assert.Equal(old, (await RunAsync("Get-FatManifest $registry/app:k8s-latest")).Values("Digest").Single());
        await FailsAsync("Get-FatManifest $registry/app:k8s-latest | Copy-ArchImage -Previous", "NothingToPutBack");
    }

    [RegistryFact]
    public async Task WhatIf_says_what_goes_where_and_changes_nothing()
    {
        await using var other = await RegistryProcess.StartAsync();
        _variables["other"] = other.Host;
        var plan = await _session.ShowAsync("Copy-ArchImage $registry/app:k8s-latest $other/mirror, $registry/released:1 -WhatIf", _variables);
        Assert.Contains($"Copy {_registry.Host}/app:k8s-latest (sha256:", plan);
        Assert.Matches(@"to \S+/mirror: 3 manifests and 4 blobs from \S+/app: 4 sent, ", plan);
        Assert.Matches(@"to \S+/released: 3 manifests and 4 blobs from \S+/app: 4 mounted, ", plan);
        Assert.Contains("requests to carry it out", plan);
        await FailsAsync("Get-FatManifest $other/mirror:k8s-latest", "ManifestNotFound");
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_name_that_holds_something_else_is_not_clobbered_and_names_that_moved_are_put_back()
    {
        await RunAsync("Copy-ArchImage $registry/app:k8s-latest $registry/app:1.0");
        var old = (await RunAsync("Get-FatManifest $registry/app:1.0")).Values("Digest").Single();
        _variables["run"] = "2";
        await BuildAsync();
        await FailsAsync("Copy-ArchImage $registry/app:k8s-latest $registry/app:1.0, $registry/app:new -NoClobber", "NameTaken");
        await using var other = await RegistryProcess.StartAsync();
        await using var proxy = new RefusingProxy(other.Host, request => request == "PUT /v2/mirror/manifests/bad" ? 403 : null);
        _variables["other"] = proxy.Host;
        await FailsAsync("Copy-ArchImage $registry/app:k8s-latest $registry/app:1.0, $registry/app:new, $other/mirror:bad", "NamesPartlyMoved");
        Assert.Equal(old, (await RunAsync("Get-FatManifest $registry/app:1.0")).Values("Digest").Single());
        await FailsAsync("Get-FatManifest $registry/app:new", "ManifestNotFound");
    }

    [RegistryFact]
    public async Task Many_are_copied_by_a_wildcard_and_may_not_overwrite_each_other()
    {
        var copied = await RunAsync("Copy-ArchImage $registry/app:k8s-* oci:mirror");
        Assert.Equal(3, copied.Output.Count);
        Assert.Equal(3, (await RunAsync("Get-ArchImage oci:mirror:*; Get-FatManifest oci:mirror:*")).Output.Count);
        await FailsAsync("Copy-ArchImage $registry/app:k8s-* oci:mirror:one", "NameConflict");
        await FailsAsync("Copy-ArchImage $registry/app:gone oci:mirror", "ManifestNotFound");
        // Of two images for one name neither is copied by a wildcard, and the second is refused where both are written out.
        await FailsAsync("Get-FatManifest oci:mirror:one", "ManifestNotFound");
        await FailsAsync("Copy-ArchImage $registry/app:k8s-amd64-latest, $registry/app:k8s-arm64-latest oci:mirror:one", "NameConflict");
        Assert.Equal(["linux/amd64"], (await RunAsync("Get-ArchImage oci:mirror:one")).Values("Platform"));
    }

    [RegistryFact]
    public async Task A_whole_layout_goes_to_a_registry_with_all_its_tags()
    {
        await RunAsync("Copy-ArchImage $registry/app:k8s-* oci:whole");
        var copied = await RunAsync("Copy-ArchImage oci:whole $registry/from-layout");
        Assert.Equal(["k8s-amd64-latest", "k8s-arm64-latest", "k8s-latest"], copied.Values("Tag").Select(tag => $"{tag}").Order());
        Assert.Equal(["Unchanged"], (await RunAsync("Copy-ArchImage oci:whole:k8s-latest $registry/from-layout")).Values("Status"));
    }

    private Task<SessionResult> BuildAsync() => RunAsync("""
        New-ArchImage $hello -Repository $registry/app -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Label @{ run = $run } -Output oci:build |
            Publish-ArchImage | New-FatManifest
        """);

    private async Task<SessionResult> RunAsync(string script) => (await _session.RunAsync(script, _variables)).WithoutErrors();

    private async Task FailsAsync(string script, string errorId) =>
        Assert.StartsWith($"{errorId},", (await _session.RunAsync(script, _variables)).AllErrors.First().FullyQualifiedErrorId);

    private async Task<IEnumerable<string>> CountAsync() => (await _registry.TakeRequestsAsync())
        .GroupBy(request => $"{request.Method} {(request.Path.Contains("/manifests/", StringComparison.Ordinal) ? "manifests" : "blobs")}")
        .OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => $"{same.Count()} {same.Key}");
}
