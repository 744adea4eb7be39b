using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>Folders and files by all the names that people give them, and by all the ways to write where they are.</summary>
public sealed class PathTests : IDisposable
{
    // New-PSDrive is in a module that no package holds.
    private const string NewDrive = """
        $null = $ExecutionContext.SessionState.Drive.New(
            [Management.Automation.PSDriveInfo]::new('TestDrive', $ExecutionContext.SessionState.Provider.GetOne('FileSystem'), "$PWD/one", '', $null), 'global')
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new() { ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello") };

    public PathTests() => _session.Location = _folder.Path;

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("with two  spaces")]
    [InlineData("größe")]
    [InlineData("漢字")]
    [InlineData("rocket \U0001F680")]
    [InlineData("[brackets] & 'quotes' $(no)")]
    [InlineData("a,b;c=d+e@f#g%20")]
    [InlineData("dots..in.it")]
    public async Task Images_go_through_folders_and_archives_of_any_name(string name)
    {
        _variables["here"] = _folder[name];
        var fat = await RunAsync("""
            $null = [IO.Directory]::CreateDirectory($here)
            [IO.File]::WriteAllText([IO.Path]::Combine($here, 'Dockerfile'), "FROM scratch`nCOPY Dockerfile /`n")
            New-ArchImage $here -Repository team/app -Tag '1.0-{arch}' -Platform linux/amd64, linux/arm64 -Output "oci:$here/build" |
                Publish-ArchImage -Destination "oci:$here/published" | New-FatManifest
            """);
        Assert.Equal([$"oci:{_folder[name, "published"]}:1.0"], fat.Values("Reference"));
        var back = await RunAsync("""
            $null = Copy-ArchImage "oci:$here/published:1.0" "oci-archive:$here/app.tar:1.0"
            $null = Copy-ArchImage "oci:$here/published:1.0" "docker-archive:$here/load.tar:1.0" -Platform linux/arm64
            $null = Copy-ArchImage "oci-archive:$here/app.tar:1.0" "oci:$here/back:1.0"
            $null = Get-ArchImage "oci:$here/back:1.0" | Export-ArchImage "$here/images.json"
            Import-ArchImage -LiteralPath "$here/images.json"
            """);
        Assert.Equal(["linux/amd64", "linux/arm64"], back.Values("Platform"));
        Assert.Equal(fat.Values("Digest"), (await RunAsync("Get-FatManifest \"oci:$here/back:1.0\"")).Values("Digest"));
        Assert.Equal(["linux/arm64"], (await RunAsync("Get-ArchImage \"docker-archive:$here/load.tar\"")).Values("Platform"));
    }

    [Fact]
    public async Task A_path_may_be_longer_than_260_characters()
    {
        var deep = string.Join('/', Enumerable.Repeat("a-folder-with-a-name-of-forty-characters", 7));
        var fat = await RunAsync($"{Build($"oci:{deep}/build")} | Publish-ArchImage -Destination oci-archive:{deep}/app.tar | New-FatManifest");
        Assert.True(_folder[deep].Length > 260);
        Assert.Equal(fat.Values("Digest"), (await RunAsync($"Get-FatManifest oci-archive:{deep}/app.tar:1.0")).Values("Digest"));
    }

    [Theory]
    [InlineData("one/two/build")]
    [InlineData(@"one\two\build")]
    [InlineData(@".\one/two\build")]
    [InlineData(@"one\..\one\two\.\build")]
    [InlineData(@"$PWD\one\two\build")]
    [InlineData(@"TestDrive:\two\build")]
    [InlineData("TestDrive:/two/build")]
    [InlineData("Microsoft.PowerShell.Core\\FileSystem::$PWD/one/two/build")]
    public async Task One_folder_has_many_names(string path)
    {
        Directory.CreateDirectory(_folder["one"]);
        var images = await RunAsync($$"""
            {{NewDrive}}
            $null = {{Build($"\"oci:{path}\"")}}
            Get-ArchImage "oci:{{path}}:1.0-*"
            """);
        Assert.Equal([$"oci:{_folder["one", "two", "build"]}:1.0-amd64", $"oci:{_folder["one", "two", "build"]}:1.0-arm64"], images.Output.Select(image => $"{image}").Order());
    }

    [Fact]
    public async Task Paths_are_relative_to_the_location_even_where_that_is_a_drive_of_PowerShell_s()
    {
        Directory.CreateDirectory(_folder["one", "two"]);
        var images = await RunAsync($$"""
            {{NewDrive}}
            $null = $ExecutionContext.SessionState.Path.SetLocation('TestDrive:/two')
            {{Build("oci:../build")}}
            """);
        Assert.Equal([$"oci:{_folder["one", "build"]}:1.0-amd64", $"oci:{_folder["one", "build"]}:1.0-arm64"], images.Output.Select(image => $"{image}").Order());
    }

    [Fact]
    public async Task Each_object_that_comes_back_can_be_given_again_as_it_is_written()
    {
        var digests = await RunAsync($$"""
            $images = {{Build("'oci:a b/büild'")}}
            $images | ForEach-Object { Get-ArchImage "$_" }
            $images | ForEach-Object { Get-ArchImage $_.Reference }
            """);
        Assert.Equal(2, digests.Values("Digest").Distinct().Count());
        Assert.Equal(4, digests.Output.Count);
    }

    [Fact]
    [Needs(Part.Windows)]
    public async Task A_path_from_the_root_is_on_the_drive_of_the_location()
    {
        var rooted = _folder["build"][2..];
        Assert.StartsWith(@"\", rooted);
        var images = await RunAsync(Build($"'oci:{rooted}'"));
        Assert.All(images.Output, image => Assert.StartsWith($"oci:{_folder["build"]}:1.0-", $"{image}"));
    }

    [Fact]
    [Needs(Part.Windows)]
    public async Task Drive_letters_are_of_either_case_and_slashes_of_either_kind()
    {
        await RunAsync(Build("oci:build"));
        foreach (var path in new[] { _folder["build"].Replace('\\', '/'), char.ToLowerInvariant(_folder["build"][0]) + _folder["build"][1..], $@"\\?\{_folder["build"]}" })
            Assert.Equal(2, (await RunAsync($"Get-ArchImage 'oci:{path}'")).Output.Count);
    }

    [Fact]
    [Needs(Part.Windows)]
    public async Task A_share_that_is_not_there_is_named_as_it_was_written()
    {
        var result = await _session.RunAsync(@"Get-FatManifest 'oci:\\no-such-server.test\images\app:1.0'");
        Assert.Contains(@"\\no-such-server.test\images\app", Assert.Single(result.AllErrors).Exception.Message);
    }

    private static string Build(string output) =>
        $"New-ArchImage $hello -Repository example/hello -Tag '1.0-{{arch}}' -Platform linux/amd64, linux/arm64 -Output {output}";

    private async Task<SessionResult> RunAsync(string script) => (await _session.RunAsync(script, _variables)).WithoutErrors();
}
