using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>Names with the architecture where the projects of the Linux Foundation have it.</summary>
public sealed class NamingTests : IAsyncLifetime
{
    private const string Shown = " | ForEach-Object { \"$($_.Platform) $($_.Labels['file'])\" }";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new() { ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello") };
    private RegistryProcess? _registry;

    public async ValueTask InitializeAsync()
    {
        _session.Location = _folder.Path;
        _registry = Requirements.HasRegistry ? await RegistryProcess.StartAsync() : null;
        _variables["registry"] = _registry?.Host;
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _session.Dispose();
        _folder.Dispose();
    }

    [RegistryTheory]
    [InlineData("akraino/validation", "k8s-{arch}-latest", "akraino/validation:k8s-latest")]
    [InlineData("opnfv/functest", "{arch}-latest", "opnfv/functest:latest")]
    [InlineData("onap/policy", "2.1-{arch}", "onap/policy:2.1")]
    public async Task Infix_prefix_and_suffix_give_the_name_without_the_architecture(string repository, string tag, string name)
    {
        _variables["repository"] = $"{_registry!.Host}/{repository}";
        _variables["tag"] = tag;
        var fat = await RunAsync("""
            New-ArchImage $hello -Repository $repository -Tag $tag -Platform linux/amd64, linux/arm64 -Output oci:build | Publish-ArchImage |
                New-FatManifest -RequirePlatform linux/amd64, linux/arm64
            """);
        Assert.Equal([$"{_registry.Host}/{name}"], fat.Values("Reference"));
        var again = await RunAsync("New-FatManifest -FromTemplate \"${repository}:$tag\" -RequirePlatform linux/amd64, linux/arm64");
        Assert.Equal([("Unchanged", fat.Values("Digest").Single())], again.Values("Status").Zip(again.Values("Digest")));
    }

    [RegistryFact]
    public async Task The_architecture_may_be_in_the_repository_with_one_platform_unmarked()
    {
        const string build = """
            'linux/amd64', 'linux/arm64' | ForEach-Object {
                New-ArchImage $hello -Repository "$registry/edgex/svc-{arch}" -Tag 1.0 -UnmarkedPlatform linux/amd64 -Platform $_ -Output "oci:build-$($_ -replace '/')" -Label @{ run = $run }
            } | Publish-ArchImage
            """;
        _variables["run"] = "1";
        var images = await RunAsync(build);
        Assert.Equal([$"{_registry!.Host}/edgex/svc-arm64:1.0", $"{_registry.Host}/edgex/svc:1.0"], images.Values("Reference").Order());
        _variables["images"] = images.Output;
        var fat = await RunAsync("$images | New-FatManifest -UnmarkedPlatform linux/amd64 -RequirePlatform linux/amd64, linux/arm64");
        Assert.Equal(($"{_registry.Host}/edgex/svc:1.0", "Updated"), (fat.Values("Reference").Single(), fat.Values("Status").Single()));
        // The unmarked name holds the fat manifest now; the other repository has a newer image.
        _variables["run"] = "2";
        await RunAsync(build.Replace("'linux/amd64', ", "", StringComparison.Ordinal));
        var newer = await RunAsync("New-FatManifest -FromTemplate \"$registry/edgex/svc-{arch}:1.0\" -UnmarkedPlatform linux/amd64 -Platform linux/amd64, linux/arm64");
        Assert.Equal(["linux/amd64", "linux/arm64"], (IEnumerable<string>)newer.Values("Platforms").Single()!);
        Assert.Equal("Updated", newer.Values("Status").Single());
        Assert.NotEqual(fat.Values("Digest"), newer.Values("Digest"));
    }

    [RegistryFact]
    public async Task Every_job_may_join_also_where_the_architecture_is_in_the_repository()
    {
        const string job = """
            New-ArchImage $hello -Repository "$registry/team/svc-{arch}" -Tag 1.0 -Platform $platform -Output "oci:build-$($platform -replace '/')" | Publish-ArchImage | Out-Null
            Update-FatManifest -FromTemplate "$registry/team/svc-{arch}:1.0" -Platform linux/amd64, linux/arm64
            """;
        _variables["platform"] = "linux/arm64";
        var first = await RunAsync(job);
        _variables["platform"] = "linux/amd64";
        var second = await RunAsync(job);
        Assert.Equal([$"{_registry!.Host}/team/svc:1.0", $"{_registry.Host}/team/svc:1.0"], [.. first.Values("Reference"), .. second.Values("Reference")]);
        Assert.Equal(["linux/arm64"], (IEnumerable<string>)first.Values("Platforms").Single()!);
        Assert.Equal(["linux/amd64", "linux/arm64"], (IEnumerable<string>)second.Values("Platforms").Single()!);
        var without = await _session.RunAsync("Update-FatManifest -FromTemplate \"$registry/team/svc-{arch}:1.0\"", _variables);
        Assert.Contains("give -Platform", without.AllErrors.Last().Exception.Message);
    }

    [RegistryFact]
    public async Task Images_are_published_to_repositories_of_their_architectures_and_never_over_each_other()
    {
        _variables["images"] = (await RunAsync("""
            New-ArchImage $hello -Repository $registry/given -Tag '{arch}' -Platform linux/amd64, linux/arm64 -Output oci:build | Publish-ArchImage | ForEach-Object {
                $_ | Copy-ArchImage -Destination "$registry/plain/$($_.Architecture):1.0"
            }
            """)).Output;
        var marked = await RunAsync("$images | Publish-ArchImage -Destination \"$registry/team/svc-{arch}\" -UnmarkedPlatform linux/amd64");
        Assert.Equal([$"{_registry!.Host}/team/svc-arm64:1.0", $"{_registry.Host}/team/svc:1.0"], marked.Values("Reference").Order());

        _variables["marked"] = marked.Output;
        var lost = await _session.RunAsync("$marked | Publish-ArchImage -Destination $registry/team/one", _variables);
        Assert.StartsWith("NameConflict", Assert.Single(lost.AllErrors).FullyQualifiedErrorId);
        Assert.Contains("put {arch} into -Destination", lost.AllErrors.Single().Exception.Message);
        Assert.Single(lost.Output);
        var tagged = await _session.RunAsync("$marked | Publish-ArchImage -Destination \"$registry/team/one:1-{arch}\"", _variables);
        Assert.Contains("give the repository alone", tagged.AllErrors.First().Exception.Message);
    }

    [RegistryFact]
    public async Task Images_are_listed_by_the_place_of_their_architecture()
    {
        _folder.Write("app/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
        await RunAsync("""
            New-ArchImage app -Repository $registry/team/app -Tag 'k8s-{arch}-1.0' -Platform linux/amd64, linux/arm64, linux/s390x -Output oci:build | Publish-ArchImage | Out-Null
            Copy-ArchImage $registry/team/app:k8s-amd64-1.0 $registry/team/app:k8s-other-1.0 | Out-Null
            Copy-ArchImage $registry/team/app:k8s-arm64-1.0 $registry/team/svc-arm64:1.0 | Out-Null
            """);
        var all = await RunAsync("Get-ArchImage \"$registry/team/app:k8s-{arch}-1.0\" -Remote");
        Assert.Equal(["linux/amd64", "linux/arm64", "linux/s390x"], all.Values("Platform").Order());
        Assert.Equal(["k8s-amd64-1.0", "k8s-arm64-1.0", "k8s-s390x-1.0"], all.Values("Tag").Order());
        Assert.Equal(3, (await RunAsync("Get-ArchImage \"$registry/team/app:k8s-{arch}-1.0\" -Remote -NameOnly")).Output.Count);
        Assert.Equal(["linux/arm64"], (await RunAsync("Get-ArchImage 'oci:build:k8s-{arch}-1.0' -Platform linux/arm64")).Values("Platform"));
        Assert.Equal(3, (await RunAsync("Get-ArchImage 'oci:build:k8s-{arch}-1.0'")).Output.Count);
        Assert.Equal(["linux/arm64"], (await RunAsync("Get-ArchImage \"$registry/team/svc-{arch}:1.0\" -Remote -Platform linux/arm64")).Values("Platform"));
        var missing = await _session.RunAsync("Get-ArchImage \"$registry/team/app:k8s-{arch}-1.0\" -Remote -Platform linux/amd64, linux/riscv64", _variables);
        Assert.Contains("k8s-riscv64-1.0", Assert.Single(missing.AllErrors).Exception.Message);
        var anywhere = await _session.RunAsync("Get-ArchImage \"$registry/team/svc-{arch}:1.0\" -Remote", _variables);
        Assert.Contains("give -Platform", Assert.Single(anywhere.AllErrors).Exception.Message);
    }

    [Fact]
    public async Task Images_that_would_take_each_others_name_are_refused()
    {
        var result = await _session.RunAsync(
            "New-ArchImage $hello -Repository 'edgex/svc-{arch}' -Tag 1.0 -Platform linux/amd64, linux/arm64 -Output oci:build", _variables);
        Assert.Contains("put {arch} into -Tag, or build each platform into a layout of its own", Assert.Single(result.AllErrors).Exception.Message);
        Assert.False(Directory.Exists(_folder["build"]));
    }

    [Fact]
    public async Task Each_platform_may_have_a_Dockerfile_of_its_own()
    {
        _folder.Write("app/Dockerfile", "FROM scratch\nCOPY Dockerfile /\nLABEL file=plain\n");
        _folder.Write("app/Dockerfile-arm64", "FROM scratch\nCOPY Dockerfile /\nLABEL file=arm64\n");
        _folder.Write("app/Dockerfile.amd64", "FROM scratch\nCOPY Dockerfile /\nLABEL file=amd64\n");
        _folder.Write("app/Dockerfile.s390x", "FROM scratch\nCOPY Dockerfile /\nLABEL file=s390x\n");
        var mapped = await RunAsync(
            "New-ArchImage app -Repository a/b -Output oci:one -Platform linux/amd64, linux/arm64 -Dockerfile @{ 'linux/amd64' = 'Dockerfile'; 'aarch64' = 'Dockerfile-arm64' }" + Shown);
        Assert.Equal(["linux/amd64 plain", "linux/arm64 arm64"], Files(mapped));
        var named = await RunAsync("New-ArchImage app -Repository a/b -Output oci:two -Platform linux/amd64, linux/s390x -Dockerfile 'Dockerfile.{arch}'" + Shown);
        Assert.Equal(["linux/amd64 amd64", "linux/s390x s390x"], Files(named));
        var missing = await _session.RunAsync(
            "New-ArchImage app -Repository a/b -Output oci:three -Platform linux/amd64, linux/arm64 -Dockerfile @{ 'linux/amd64' = 'Dockerfile' }", _variables);
        Assert.Contains("no Dockerfile is given for that platform", Assert.Single(missing.AllErrors).Exception.Message);
    }

    private static IEnumerable<string> Files(SessionResult images) => images.Output.Select(text => $"{text}").Order();

    private async Task<SessionResult> RunAsync(string script) => (await _session.RunAsync(script, _variables)).WithoutErrors();
}
