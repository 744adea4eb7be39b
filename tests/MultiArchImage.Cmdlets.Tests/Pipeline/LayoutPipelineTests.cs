using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>The whole way with neither engine nor registry.</summary>
public sealed class LayoutPipelineTests : IDisposable
{
    private const string Build =
        "New-ArchImage $hello -Repository example/hello -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Output oci:build";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new() { ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello") };

    public LayoutPipelineTests() => _session.Location = _folder.Path;

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task One_Dockerfile_becomes_one_name_for_two_platforms()
    {
        var fat = await RunAsync($"{Build} | Publish-ArchImage -Destination oci:published | New-FatManifest -RequirePlatform linux/amd64, linux/arm64");
        Assert.Equal([$"oci:{_folder["published"]}:k8s-latest"], fat.WithoutErrors().Values("Reference"));
        Assert.Equal(["Created"], fat.Values("Status"));
        Assert.Equal(["linux/amd64", "linux/arm64"], (IEnumerable<string>)fat.Values("Platforms")[0]!);
    }

    [Fact]
    public async Task Images_are_objects_that_know_what_they_are()
    {
        var images = (await RunAsync(Build)).WithoutErrors();
        Assert.Equal(["linux/amd64", "linux/arm64"], images.Values("Platform").Order());
        Assert.All(images.Output, image =>
        {
            Assert.Equal("docker.io", image.Properties["Registry"].Value);
            Assert.Equal("example/hello", image.Properties["Repository"].Value);
            Assert.Equal("Layout", image.Properties["Location"].Value);
            Assert.StartsWith("sha256:", $"{image.Properties["Digest"].Value}");
            Assert.StartsWith($"oci:{_folder["build"]}:k8s-", $"{image}");
        });
    }

    [Fact]
    public async Task A_second_run_changes_nothing()
    {
        var join = $"{Build} | New-FatManifest";
        var first = await RunAsync(join);
        var second = (await RunAsync(join)).WithoutErrors();
        Assert.Equal("Unchanged", second.Values("Status").Single());
        Assert.Equal(first.Values("Digest"), second.Values("Digest"));
    }

    [Fact]
    public async Task WhatIf_says_what_would_be_done_and_does_nothing()
    {
        await RunAsync(Build);
        var shown = await _session.ShowAsync("New-FatManifest oci:build:k8s-amd64-latest, oci:build:k8s-arm64-latest -WhatIf");
        Assert.Contains("What if: Push", shown);
        Assert.Matches(@"added      linux/amd64 +sha256:[0-9a-f]{12}\s+added      linux/arm64 +sha256:[0-9a-f]{12}", shown);
        Assert.Contains("planned", shown);
        var nothing = await RunAsync("Get-FatManifest oci:build:k8s-latest");
        Assert.StartsWith("ManifestNotFound", nothing.Errors.Single().FullyQualifiedErrorId);
    }

    [Fact]
    public async Task A_missing_platform_ends_the_pipeline_and_the_old_fat_manifest_stands()
    {
        var old = await RunAsync($"{Build} | New-FatManifest");
        var gate = await RunAsync("Get-ArchImage oci:build:k8s-amd64-* | New-FatManifest -RequirePlatform linux/amd64, linux/s390x");
        Assert.Equal("RequiredPlatformMissing,MultiArchImage.Cmdlets.Commands.NewFatManifestCommand", gate.AllErrors.Last().FullyQualifiedErrorId);
        Assert.Contains("lacks linux/s390x", gate.AllErrors.Last().Exception.Message);
        Assert.Equal(old.Values("Digest"), (await RunAsync("Get-FatManifest oci:build:k8s-latest")).Values("Digest"));
    }

    [Fact]
    public async Task An_image_that_failed_in_the_pipeline_is_not_left_out_in_silence()
    {
        await RunAsync($"{Build} | New-FatManifest");
        const string Half = "'oci:build:k8s-amd64-latest', 'oci:build:gone-arm64' | Publish-ArchImage -Destination oci:published -ErrorAction SilentlyContinue | New-FatManifest";
        var failed = await RunAsync(Half);
        Assert.StartsWith("PipelineIncomplete", failed.AllErrors.Last().FullyQualifiedErrorId);
        Assert.Contains("gone-arm64", failed.AllErrors.Last().Exception.Message);
        Assert.NotEmpty((await RunAsync("Get-FatManifest oci:published:k8s-latest")).Errors);
        var wanted = await RunAsync($"{Half} -IgnoreMissing");
        Assert.Equal(["Created"], wanted.Values("Status"));
        Assert.Contains("gone-arm64 failed earlier in this pipeline and is left out", Assert.Single(wanted.Warnings));
    }

    [Theory]
    [InlineData("@() | New-FatManifest -Name oci:build:fat", "NothingToJoin", "nothing to join into oci:")]
    [InlineData("@() | New-FatManifest", "NothingToJoin", "no image came")]
    [InlineData("@() | New-FatManifest -Name oci:build:fat -RequirePlatform linux/amd64, linux/arm64", "RequiredPlatformMissing", "lacks linux/amd64, linux/arm64 (it would have nothing)")]
    [InlineData("New-FatManifest -FromTemplate 'oci:build:none-{arch}' -RequirePlatform linux/s390x -IgnoreMissing", "RequiredPlatformMissing", "lacks linux/s390x")]
    [InlineData("'oci:build:gone-arm64' | Publish-ArchImage -Destination oci:published | New-FatManifest", "PipelineIncomplete", "gone-arm64")]
    [InlineData("@() | Update-FatManifest oci:build:fat", "NothingToJoin", "oci:")]
    public async Task Where_nothing_came_that_is_said_with_what_is_missing(string script, string errorId, string message)
    {
        await RunAsync(Build);
        var error = (await RunAsync(script)).AllErrors.Last();
        Assert.StartsWith($"{errorId},", error.FullyQualifiedErrorId);
        Assert.Contains(message, error.Exception.Message);
    }

    [Fact]
    public async Task A_bad_name_is_refused_before_anything_is_built()
    {
        Assert.StartsWith("InvalidReference,", Assert.Single((await RunAsync($"{Build} | New-FatManifest -Name 'UPPER/CASE:1'")).AllErrors).FullyQualifiedErrorId);
        Assert.False(Directory.Exists(_folder["build"]));
    }

    [Fact]
    public async Task One_bad_image_does_not_stop_the_others()
    {
        await RunAsync(Build);
        var published = await RunAsync("'oci:build:nowhere', 'oci:build:k8s-arm64-latest', '::', 'oci:build:k8s-amd64-latest' | Publish-ArchImage -Destination oci:published");
        Assert.Equal(2, published.Output.Count);
        Assert.Equal(["InvalidReference", "ManifestNotFound"], published.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]).Order());
        Assert.Null(published.TerminatingError);
    }

    [Fact]
    public async Task A_template_finds_its_images_and_leaves_out_what_is_not_there_when_told_to()
    {
        await RunAsync(Build);
        var all = await RunAsync("New-FatManifest -FromTemplate 'oci:build:k8s-{arch}-latest'");
        Assert.Equal(["linux/amd64", "linux/arm64"], (IEnumerable<string>)all.WithoutErrors().Values("Platforms")[0]!);
        const string More = "New-FatManifest -FromTemplate 'oci:build:k8s-{arch}-latest' -Platform linux/amd64, linux/s390x";
        Assert.StartsWith("ManifestNotFound", (await RunAsync(More)).AllErrors.Last().FullyQualifiedErrorId);
        var some = await RunAsync($"{More} -IgnoreMissing");
        Assert.Contains("k8s-s390x-latest is not there and is left out", Assert.Single(some.Warnings));
    }

    [Fact]
    [Needs(Part.Peers)]
    public async Task Podman_reads_the_layout_and_what_it_writes_is_read()
    {
        await RunAsync($"{Build} | New-FatManifest");
        // Podman takes no runroot of more than 50 characters.
        var run = Directory.CreateTempSubdirectory("pod");
        string[] storage = ["--root", _folder["podman"], "--runroot", run.FullName, "--storage-driver", "vfs"];
        var id = (await Tool.RunAsync("podman", [.. storage, "pull", "--quiet", $"oci:{_folder["build"]}:k8s-latest"])).Trim();
        await Tool.RunAsync("podman", [.. storage, "push", "--quiet", id, $"oci:{_folder["back"]}:1.0"]);
        run.Delete(recursive: true);
        Assert.Equal(["linux/amd64"], (await RunAsync("Get-ArchImage oci:back:1.0")).WithoutErrors().Values("Platform"));
    }

    [Fact]
    public async Task The_image_for_another_machine_is_received_by_the_short_name()
    {
        await RunAsync($"{Build} | New-FatManifest");
        var received = (await RunAsync("Receive-ArchImage oci:build:k8s-latest -Platform linux/arm64 -Destination oci:arm64:only")).WithoutErrors();
        Assert.Equal(["linux/arm64"], received.Values("Platform"));
        Assert.Equal([$"oci:{_folder["arm64"]}:only"], received.Values("Reference"));
        var none = await RunAsync("Receive-ArchImage oci:build:k8s-latest -Platform linux/s390x -Destination oci:s390x");
        Assert.Contains("it has linux/amd64, linux/arm64", none.Errors.Single().Exception.Message);
    }

    [Fact]
    public async Task Images_are_listed_by_pattern_and_platform_and_fat_manifests_are_no_images()
    {
        await RunAsync($"{Build} | New-FatManifest");
        Assert.Equal(2, (await RunAsync("Get-ArchImage oci:build:k8s-*")).WithoutErrors().Output.Count);
        Assert.Equal(["linux/arm64"], (await RunAsync("Get-ArchImage oci:build -Platform aarch64")).Values("Platform"));
    }

    [Theory]
    [InlineData("New-FatManifest ':::'", "InvalidReference", "InvalidArgument", "write NAME[:TAG]")]
    [InlineData("New-FatManifest oci:build:k8s-amd64-latest -Name 'UPPER/CASE:1'", "InvalidReference", "InvalidArgument", "must be lower-case")]
    [InlineData("New-FatManifest oci:build:k8s-amd64-latest -RequirePlatform no/such/plat/form", "ParameterArgumentTransformationError", "InvalidData", "linux/arm64")]
    [InlineData("New-FatManifest oci:build:k8s-amd64-latest -RequirePlatform linux/s390x", "RequiredPlatformMissing", "ObjectNotFound", "nothing was pushed")]
    [InlineData("New-FatManifest oci:build:k8s-amd64-latest -Annotation @{ a = 'b' } -Format Docker", "FormatConflict", "InvalidArgument", "-Format Oci")]
    [InlineData("New-FatManifest oci:build:k8s-amd64-latest, oci:build:nowhere", "ManifestNotFound", "ObjectNotFound", "k8s-amd64-latest")]
    [InlineData("New-FatManifest -FromTemplate oci:build:k8s", "InvalidReference", "InvalidArgument", "{arch}")]
    [InlineData("Get-FatManifest oci:build:k8s-amd64-latest -ErrorAction Stop", "NotFatManifest", "InvalidArgument", "single image")]
    [InlineData("Get-FatManifest 127.0.0.1:1/a:1 -ErrorAction Stop", "RegistryUnreachable", "ConnectionError", "check host and port")]
    [InlineData("New-ArchImage ./nowhere -Output oci:x -ErrorAction Stop", "BuildContext", "InvalidArgument", "nowhere")]
    [InlineData("Publish-ArchImage ([timespan]::Zero)", "ParameterArgumentTransformationError", "InvalidData", "is not an image")]
    public async Task Bad_input_has_an_id_a_category_and_a_remedy(string script, string errorId, string category, string message)
    {
        await RunAsync(Build);
        var error = (await RunAsync(script)).AllErrors.Last();
        Assert.StartsWith(errorId, error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category.ToString());
        Assert.Contains(message, error.Exception.Message);
    }

    [Fact]
    public async Task A_failed_gate_ends_a_script_that_stops_at_errors()
    {
        await RunAsync(Build);
        var script = await RunAsync("$ErrorActionPreference = 'Stop'; New-FatManifest oci:build:k8s-amd64-latest -RequirePlatform linux/arm64; 'goes on'");
        Assert.StartsWith("RequiredPlatformMissing", script.TerminatingError!.FullyQualifiedErrorId);
        Assert.Empty(script.Output);
    }

    [Fact]
    public async Task A_Dockerfile_that_needs_an_engine_is_refused_with_its_line()
    {
        _folder.Write("context/Dockerfile", "FROM scratch\nCOPY x /x\nRUN make\n");
        _folder.Write("context/x", "x");
        var error = Assert.Single((await RunAsync("New-ArchImage context -Output oci:x -Tag 1")).Errors);
        Assert.StartsWith("Dockerfile,", error.FullyQualifiedErrorId);
        Assert.Contains("Dockerfile:3", error.Exception.Message);
    }

    [Fact]
    public async Task A_ready_fat_manifest_is_understood_at_a_glance()
    {
        var shown = await _session.ShowAsync($"{Build} | New-FatManifest", _variables);
        Assert.Contains($"oci:{_folder["build"]}:k8s-latest", shown);
        Assert.Contains("OCI image index, created", shown);
        Assert.Matches(@"linux/amd64 +sha256:[0-9a-f]{12} ", shown);
        Assert.All(shown.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    [Fact]
    [Needs(Part.Speed)]
    public async Task Ctrl_C_stops_a_copy_within_a_second()
    {
        _folder.Write("context/Dockerfile", "FROM scratch\nCOPY big /big\n");
        using (var big = File.Create(_folder["context/big"]))
            big.SetLength(4L << 30);
        var running = RunAsync("New-ArchImage context -Output oci:x -Tag 1");
        await Task.Delay(1500);
        var start = System.Diagnostics.Stopwatch.StartNew();
        await _session.StopAsync();
        Assert.True((await running).WasStopped);
        Assert.InRange(start.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private Task<SessionResult> RunAsync(string script) => _session.RunAsync(script, _variables);
}
