using System.Diagnostics;
using System.Text.Json;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>The pipeline on a real registry, with what it costs there.</summary>
public sealed class RegistryPipelineTests : IAsyncLifetime
{
    private const string Publish =
        "New-ArchImage $hello -Repository $repository -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Output oci:build | Publish-ArchImage";

    private const string FromTags = "New-FatManifest ${repository}:k8s-amd64-latest, ${repository}:k8s-arm64-latest";

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
        _variables["repository"] = $"{_registry.Host}/akraino/validation";
        _variables["registry"] = _registry.Host;
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _session.Dispose();
        _folder.Dispose();
    }

    [RegistryFact]
    public async Task Two_tags_cost_six_requests_and_five_with_Force()
    {
        await RunAsync(Publish);
        await _registry.TakeRequestsAsync();
        await RunAsync(FromTags);
        Assert.Equal(
            ["GET blobs", "GET blobs", "GET manifests", "GET manifests", "HEAD manifests", "PUT manifests"], await KindsAsync());
        await RunAsync($"{FromTags} -Force");
        Assert.Equal(["GET blobs", "GET blobs", "GET manifests", "GET manifests", "PUT manifests"], await KindsAsync());
    }

    [RegistryFact]
    public async Task Right_after_publishing_it_costs_two_requests_and_one_with_Force()
    {
        var images = await RunAsync(Publish);
        await _registry.TakeRequestsAsync();
        _variables["images"] = images.Output;
        await RunAsync("$images | New-FatManifest");
        Assert.Equal(["HEAD manifests", "PUT manifests"], await KindsAsync());
        await RunAsync("$images | New-FatManifest -Force");
        Assert.Equal(["PUT manifests"], await KindsAsync());
    }

    [RegistryFact]
    public async Task A_second_run_changes_nothing_and_puts_nothing()
    {
        var first = await RunAsync($"{Publish} | New-FatManifest");
        await _registry.TakeRequestsAsync();
        var second = await RunAsync(FromTags);
        Assert.Equal("Unchanged", second.Values("Status").Single());
        Assert.Equal(first.Values("Digest"), second.Values("Digest"));
        Assert.DoesNotContain(await _registry.TakeRequestsAsync(), request => request.Method == "PUT");
    }

    [RegistryFact]
    public async Task Another_job_reads_the_images_from_JSON_without_loss()
    {
        var json = await RunAsync($"{Publish} | ConvertTo-Json");
        using var host = new HostProcess();
        host.Home.Write("images.json", $"{json.Output.Single()}");
        host.Home.Write("join.ps1", """
            $ErrorActionPreference = 'Stop'
            $images = Get-Content images.json -Raw | ConvertFrom-Json
            $fat = $images | New-FatManifest -RequirePlatform linux/amd64, linux/arm64
            $fat.Reference, $fat.Status -join ' '
            """);
        await _registry.TakeRequestsAsync();
        var result = await host.RunAsync("join.ps1");
        Assert.Equal("", result.Error);
        Assert.Equal($"{_registry.Host}/akraino/validation:k8s-latest Created", result.Output.Trim());
        // The other process looks whether the images are there; it reads none of them again.
        Assert.Equal(["HEAD manifests", "HEAD manifests", "HEAD manifests", "PUT manifests"], await KindsAsync());
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task Six_entries_from_tags_take_three_round_trips()
    {
        _folder.Write("any/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
        await RunAsync("""
            New-ArchImage any -Repository $repository -Tag '{arch}-latest' -Output oci:six -Platform linux/amd64, linux/arm64, linux/arm/v7, linux/s390x, linux/ppc64le, linux/riscv64 |
                Publish-ArchImage
            """);
        await using var waves = new WaveProxy(_registry.Host);
        _variables["slow"] = $"{waves.Host}/akraino/validation";
        await RunAsync("New-FatManifest -FromTemplate \"${slow}:{arch}-latest\" -Platform amd64, arm64, linux/arm/v7, s390x, ppc64le, riscv64");
        Assert.Equal((14, 3), (waves.Requests, waves.Waves));
    }

    [RegistryFact]
    public async Task A_missing_image_or_repository_is_named_and_the_old_fat_manifest_stands()
    {
        var old = await RunAsync($"{Publish} | New-FatManifest");
        var missing = await _session.RunAsync("New-FatManifest ${repository}:k8s-amd64-latest, ${repository}:k8s-s390x-latest", _variables);
        Assert.StartsWith("ManifestNotFound", missing.AllErrors.Last().FullyQualifiedErrorId);
        Assert.Contains("k8s-s390x-latest", missing.AllErrors.Last().Exception.Message);
        var unknown = await _session.RunAsync("New-FatManifest ${repository}-x:k8s-amd64-latest", _variables);
        Assert.Equal("ObjectNotFound", unknown.AllErrors.Last().CategoryInfo.Category.ToString());
        Assert.Equal(old.Values("Digest"), (await RunAsync("Get-FatManifest ${repository}:k8s-latest")).Values("Digest"));
    }

    [RegistryFact]
    public async Task A_push_that_fails_half_way_leaves_the_old_fat_manifest()
    {
        var old = await RunAsync($"{Publish} | New-FatManifest");
        await RunAsync("New-ArchImage $hello -Repository $repository -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Label @{ build = '2' } -Output oci:build");
        // The layer of one image is gone from the layout: its push fails when the other's is done.
        var config = await RunAsync("(Get-ArchImage oci:build:k8s-arm64-latest).ImageId");
        File.Delete(Path.Combine(_folder["build"], "blobs", $"{config.Output.Single()}".Replace(':', '/')));
        var half = await _session.RunAsync(
            "'oci:build:k8s-amd64-latest', 'oci:build:k8s-arm64-latest' | Publish-ArchImage -Destination $repository | New-FatManifest", _variables);
        Assert.Equal(["BlobNotFound", "PipelineIncomplete"], half.AllErrors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Equal(old.Values("Digest"), (await RunAsync("Get-FatManifest ${repository}:k8s-latest")).Values("Digest"));
    }

    [RegistryFact]
    public async Task Images_of_the_registry_are_listed_joined_and_brought_back_into_a_layout()
    {
        await RunAsync($"{Publish} | New-FatManifest");
        var listed = await RunAsync("Get-ArchImage ${repository}:k8s-* -Remote");
        Assert.Equal([$"{_registry.Host}/akraino/validation:k8s-amd64-latest", $"{_registry.Host}/akraino/validation:k8s-arm64-latest"], listed.Values("Reference").Order());
        Assert.All(listed.Values("Location"), location => Assert.Equal("Registry", location));
        Assert.Equal(["linux/arm64"], (await RunAsync("Get-ArchImage ${repository} -Remote -Platform linux/arm64")).Values("Platform"));
        var joined = await RunAsync("Get-ArchImage ${repository}:k8s-* -Remote | New-FatManifest");
        Assert.Equal(["Unchanged"], joined.Values("Status"));
        var back = await RunAsync("Get-ArchImage ${repository}:k8s-* -Remote | Publish-ArchImage -Destination oci:back | New-FatManifest");
        Assert.Equal(joined.Values("Digest"), back.Values("Digest"));
    }

    [RegistryFact]
    public async Task Names_alone_are_listed_by_one_request_and_piped_on()
    {
        await RunAsync($"{Publish} | New-FatManifest");
        await _registry.TakeRequestsAsync();
        var names = await RunAsync("Get-ArchImage ${repository}:k8s-* -Remote -NameOnly");
        Assert.Equal(["GET"], (await _registry.TakeRequestsAsync()).Select(request => request.Method));
        Assert.Equal(
            new[] { "k8s-amd64-latest", "k8s-arm64-latest", "k8s-latest" }.Select(tag => $"{_registry.Host}/akraino/validation:{tag}"),
            names.Output.Select(name => Assert.IsType<string>(name.BaseObject)).Order());
        Assert.Equal(["k8s-latest"], (await RunAsync("Get-ArchImage ${repository}:k8s-latest -Remote -NameOnly | Get-FatManifest")).Values("Tag"));
        Assert.Equal([$"oci:{_folder["build"]}:k8s-arm64-latest"], (await RunAsync("Get-ArchImage oci:build:*arm64* -NameOnly")).Output.Select(name => $"{name}"));
        var missing = await _session.RunAsync("Get-ArchImage ${repository}:none -Remote -NameOnly", _variables);
        Assert.Equal("ManifestNotFound", Assert.Single(missing.Errors).FullyQualifiedErrorId.Split(',')[0]);
    }

    [RegistryFact]
    public async Task Repositories_of_a_registry_are_searched_by_wildcards()
    {
        await RunAsync(Publish);
        await RunAsync("Copy-ArchImage oci:build:k8s-amd64-latest ${registry}/akraino/tools:1.0, ${registry}/other/tools:1.0");
        await RunAsync("Remove-ArchImage ${registry}/other/tools:1.0 -Remote");
        await _registry.TakeRequestsAsync();
        var names = await RunAsync("Get-ArchImage \"${registry}/*:*a*\", \"${registry}/*/tools\" -Remote -NameOnly");
        Assert.Equal(
            new[] { "validation:k8s-amd64-latest", "validation:k8s-arm64-latest", "tools:1.0" }.Select(name => $"{_registry.Host}/akraino/{name}").Order(),
            names.Output.Select(name => $"{name}").Order());
        Assert.Equal(2, (await _registry.TakeRequestsAsync()).Count(request => request.Path.StartsWith("/v2/_catalog", StringComparison.Ordinal)));
        var images = await RunAsync("Get-ArchImage \"${registry}/akraino/v*:*\" -Remote -Platform linux/arm64");
        Assert.Equal([$"{_registry.Host}/akraino/validation:k8s-arm64-latest"], images.Values("Reference"));
    }

    [RegistryTheory]
    [InlineData("akraino/*:latest", "RepositoriesNotListed", "docker.io does not tell which repositories it has; write the repository out")]
    [InlineData("*.example.com/a:1", "InvalidReference", "write them out, like hub.example.com/team/*:1.0")]
    public async Task A_place_that_cannot_be_searched_is_an_error_that_says_so(string pattern, string error, string message)
    {
        var failure = Assert.Single((await _session.RunAsync($"Get-ArchImage '{pattern}' -Remote")).Errors);
        Assert.Equal(error, failure.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(message, failure.Exception.Message, StringComparison.Ordinal);
    }

    [RegistryFact]
    public async Task Names_that_come_by_the_hundreds_are_all_written_in_the_order_of_the_registry()
    {
        await RunAsync(Publish);
        await RunAsync("Copy-ArchImage oci:build:k8s-amd64-latest (100..399 | ForEach-Object { \"${repository}:many-$_\" })");
        using var http = new HttpClient();
        using var list = JsonDocument.Parse(await http.GetStringAsync($"http://{_registry.Host}/v2/akraino/validation/tags/list"));
        Assert.Equal(
            list.RootElement.GetProperty("tags").EnumerateArray().Select(tag => $"{_registry.Host}/akraino/validation:{tag}").Where(name => name.Contains("many")),
            (await RunAsync("Get-ArchImage ${repository}:many-* -Remote -NameOnly")).Output.Select(name => $"{name}"));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task Ctrl_C_stops_a_copy_within_a_second()
    {
        await RunAsync(Publish);
        await using var slow = new DelayingProxy(_registry.Host, TimeSpan.FromSeconds(20));
        _variables["slow"] = $"{slow.Host}/x";
        var running = _session.RunAsync("Publish-ArchImage oci:build:k8s-amd64-latest -Destination $slow", _variables);
        await Task.Delay(500);
        var start = Stopwatch.StartNew();
        await _session.StopAsync();
        Assert.True((await running).WasStopped);
        Assert.InRange(start.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [RegistryFact]
    public async Task A_wrong_password_is_an_authentication_error_that_says_what_to_do()
    {
        await using var locked = await RegistryProcess.StartWithPasswordAsync("jenkins", "right");
        _variables["locked"] = locked.Host;
        var wrong = await _session.RunAsync("""
            $password = [Security.SecureString]::new(); 'wrong'.ToCharArray() | ForEach-Object { $password.AppendChar($_) }
            Get-FatManifest $locked/a:1 -Credential ([pscredential]::new('jenkins', $password)) -Verbose -Debug
            """, _variables);
        var error = Assert.Single(wrong.Errors);
        Assert.Equal("RegistryUnauthorized,MultiArchImage.Cmdlets.Commands.GetFatManifestCommand", error.FullyQualifiedErrorId);
        Assert.Equal("AuthenticationError", error.CategoryInfo.Category.ToString());
        Assert.Contains($"run Connect-ArchRegistry {locked.Host}", error.Exception.Message);
        Assert.DoesNotContain(wrong.Verbose, line => line.Contains("wrong"));
    }

    [RegistryFact]
    public async Task A_login_is_verified_stored_used_and_forgotten()
    {
        await using var locked = await RegistryProcess.StartWithPasswordAsync("jenkins", "pa:ss");
        using var host = new HostProcess();
        var credential = "$p = [Security.SecureString]::new(); 'pa:ss'.ToCharArray() | ForEach-Object { $p.AppendChar($_) }; $c = [pscredential]::new('jenkins', $p);";
        var connected = await host.RunAsync("-Command", $"{credential} Connect-ArchRegistry {locked.Host} -Credential $c");
        Assert.Equal("", connected.Error);
        Assert.Contains("jenkins", connected.Output);
        Assert.Contains(locked.Host, await File.ReadAllTextAsync(host.Home[".docker", "config.json"]));
        var used = await host.RunAsync("-Command", $"Get-ArchImage {locked.Host}/a -Remote");
        Assert.Contains("has no repository a", used.Error);
        var known = await host.RunAsync("-Command", "$r = Get-ArchRegistry; $r; $r.StoredIn; $r.ApiVersion");
        Assert.Matches($@"{locked.Host} +jenkins +ready ", known.Output);
        Assert.EndsWith($"{host.Home[".docker", "config.json"]}\nregistry/2.0", known.Output.TrimEnd());
        await host.RunAsync("-Command", $"Disconnect-ArchRegistry {locked.Host}");
        Assert.Equal("", (await host.RunAsync("-Command", "Get-ArchRegistry")).Output.Trim());
        Assert.Contains("no credentials found", (await host.RunAsync("-Command", $"Get-ArchImage {locked.Host}/a -Remote")).Error);
        var wrong = await host.RunAsync("-Command", $"{credential.Replace("pa:ss", "wrong")} Connect-ArchRegistry {locked.Host} -Credential $c");
        Assert.Contains("the password of user 'jenkins' was refused", wrong.Error);
        Assert.DoesNotContain(locked.Host, await File.ReadAllTextAsync(host.Home[".docker", "config.json"]));
    }

    [RegistryFact]
    public async Task A_job_logs_in_from_its_settings_file_or_environment_and_leaves_nothing_behind()
    {
        await using var locked = await RegistryProcess.StartWithPasswordAsync("jenkins", "pa:ss");
        using var host = new HostProcess();
        host.Home.Write("settings.xml", $"<settings><servers><server><id>{locked.Host}</id><username>jenkins</username><password>pa:ss</password></server></servers></settings>");
        foreach (var login in new[] { "-MavenSettings settings.xml", "-FromEnvironment HUB" })
        {
            var result = await host.RunAsync(
                "-Command", $"$env:HUB_USR = 'jenkins'; $env:HUB_PSW = 'pa:ss'; Connect-ArchRegistry {locked.Host} {login} -SessionOnly -Verbose; Get-ArchImage {locked.Host}/a -Remote");
            Assert.Contains("Session", result.Output);
            Assert.Contains("has no repository a", result.Error);
            Assert.DoesNotContain("pa:ss", result.Output + result.Error);
        }
        Assert.False(Directory.Exists(host.Home[".docker"]));
        Assert.Contains("set HUB_USR and HUB_PSW", (await host.RunAsync("-Command", $"Connect-ArchRegistry {locked.Host} -FromEnvironment HUB")).Error);
    }

    [RegistryFact]
    public async Task Annotations_several_tags_and_a_name_reach_the_registry_as_asked()
    {
        await RunAsync(Publish);
        var fat = await RunAsync($"{FromTags} -Name ${{repository}}:1.0 -Tag 1, latest -Annotation @{{ 'org.opencontainers.image.version' = '1.0' }}");
        Assert.Equal(["Created"], fat.Values("Status"));
        var named = await RunAsync("Get-FatManifest ${repository}:*");
        Assert.Equal(3, named.Output.Count);
        Assert.All(named.Values("Digest"), digest => Assert.Equal(fat.Values("Digest").Single(), digest));
    }

    [RegistryFact]
    public async Task A_name_with_wildcards_joins_the_images_that_it_matches_and_passes_the_fat_manifest_over()
    {
        var fat = await RunAsync($"{Publish} | New-FatManifest");
        var again = await RunAsync("New-FatManifest ${repository}:k8s-*");
        Assert.Equal(("Unchanged", fat.Values("Digest").Single()), (again.Values("Status").Single(), again.Values("Digest").Single()));
        var nothing = await _session.RunAsync("New-FatManifest ${repository}:none-*", _variables);
        Assert.StartsWith("NothingToJoin", Assert.Single(nothing.AllErrors).FullyQualifiedErrorId);
    }

    [RegistryFact]
    public async Task Images_of_another_repository_are_mounted_and_of_another_registry_copied()
    {
        await RunAsync(Publish);
        await RunAsync("New-FatManifest ${repository}:k8s-amd64-latest, ${repository}:k8s-arm64-latest -Name ${repository}-copy:1.0");
        var requests = await _registry.TakeRequestsAsync();
        Assert.DoesNotContain(requests, request => request.Method == "PUT" && request.Path.Contains("validation-copy/blobs"));
        await using var other = await RegistryProcess.StartAsync();
        _variables["other"] = other.Host;
        await RunAsync("New-FatManifest ${repository}:k8s-amd64-latest, ${repository}:k8s-arm64-latest -Name $other/x:1.0");
        var raw = await Tool.RunAsync("skopeo", "inspect", "--raw", "--tls-verify=false", $"docker://{other.Host}/x:1.0");
        Assert.Contains("arm64", raw);
        await Tool.RunAsync("skopeo", "copy", "--all", "--src-tls-verify=false", $"docker://{other.Host}/x:1.0", $"oci:{_folder["witness"]}:1.0");
    }

    private async Task<SessionResult> RunAsync(string script) => (await _session.RunAsync(script, _variables)).WithoutErrors();

    private async Task<IEnumerable<string>> KindsAsync() => (await _registry.TakeRequestsAsync())
        .Select(request => $"{request.Method} {(request.Path.Contains("/manifests/", StringComparison.Ordinal) ? "manifests" : "blobs")}").Order();
}
