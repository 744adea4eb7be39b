using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>Images that go from one job to the next in a file.</summary>
public sealed class HandoffTests : IDisposable
{
    private const string Build =
        "New-ArchImage $hello -Repository example/hello -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Label @{ key = 'value' } -Output oci:job/build";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new() { ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello") };

    public HandoffTests() => _session.Location = _folder.Path;

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_exported_is_imported_without_loss()
    {
        var built = await RunAsync($"{Build} | Export-ArchImage job/images.json");
        Assert.Equal(["linux/amd64", "linux/arm64"], built.Values("Platform").Order());
        var read = await RunAsync("Import-ArchImage job/images.json");
        Assert.Equal(built.Output.Select(image => image.BaseObject), read.Output.Select(image => image.BaseObject));
        var bytes = await File.ReadAllBytesAsync(_folder["job", "images.json"]);
        Assert.Equal((byte)'{', bytes[0]);
        Assert.Equal(["build", "images.json"], Directory.EnumerateFileSystemEntries(_folder["job"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_layout_beside_the_file_is_found_where_both_were_carried_to()
    {
        await RunAsync($"{Build} | Export-ArchImage job/images.json");
        Directory.Move(_folder["job"], _folder["elsewhere"]);
        var fat = await RunAsync("Import-ArchImage elsewhere/images*.json | New-FatManifest -RequirePlatform linux/amd64, linux/arm64");
        Assert.Equal([$"oci:{_folder["elsewhere"]}{Path.DirectorySeparatorChar}build:k8s-latest"], fat.Values("Reference"));
    }

    [Fact]
    public async Task A_file_that_is_there_is_replaced_unless_that_is_forbidden()
    {
        await RunAsync($"{Build} | Export-ArchImage job/images.json");
        var kept = await _session.RunAsync("Import-ArchImage job/images.json | Where-Object Architecture -eq arm64 | Export-ArchImage job/images.json -NoClobber", _variables);
        Assert.StartsWith("FileExists", kept.AllErrors.Single().FullyQualifiedErrorId);
        Assert.Equal(2, (await RunAsync("Import-ArchImage job/images.json")).Output.Count);
        await RunAsync("Import-ArchImage job/images.json | Where-Object Architecture -eq arm64 | Export-ArchImage job/images.json -WhatIf");
        Assert.Equal(2, (await RunAsync("Import-ArchImage job/images.json")).Output.Count);
        await RunAsync("Import-ArchImage job/images.json | Where-Object Architecture -eq arm64 | Export-ArchImage job/images.json");
        Assert.Single((await RunAsync("Import-ArchImage -LiteralPath job/images.json")).Output);
    }

    [Fact]
    public async Task An_image_that_failed_before_leaves_the_old_file()
    {
        await RunAsync($"{Build} | Export-ArchImage job/images.json");
        const string script = "'oci:job/build:k8s-amd64-latest', 'oci:job/build:gone' | Publish-ArchImage -Destination oci:job/copy | Export-ArchImage job/images.json";
        Assert.StartsWith("PipelineIncomplete", (await _session.RunAsync(script, _variables)).AllErrors.Last().FullyQualifiedErrorId);
        Assert.Equal(2, (await RunAsync("Import-ArchImage job/images.json")).Output.Count);
        await _session.RunAsync($"{script} -IgnoreMissing", _variables);
        Assert.Single((await RunAsync("Import-ArchImage job/images.json")).Output);
    }

    [Theory]
    [InlineData("", "is not a JSON object")]
    [InlineData("[]", "is not a JSON object")]
    [InlineData("{}", "it has no schemaVersion")]
    [InlineData("""{"schemaVersion":2,"images":[]}""", "update the module on this node")]
    [InlineData("""{"schemaVersion":1}""", "it has no images field")]
    [InlineData("""{"schemaVersion":1,"images":[1]}""", "is no object")]
    [InlineData("""{"schemaVersion":1,"images":[{"Reference":"a:b:c"}]}""", "is not an image reference")]
    [InlineData("""{"schemaVersion":1,"images":[{"Reference":"a","Nonsense":1}]}""", "a property 'Nonsense'")]
    [InlineData("""{"schemaVersion":1,"images":[{"Reference":"a","Size":"large"}]}""", "has 'large' for Size")]
    public async Task A_file_that_is_none_is_an_error_that_says_why(string content, string reason)
    {
        _folder.Write("images.json", content);
        var error = Assert.Single((await _session.RunAsync("Import-ArchImage images.json", _variables)).AllErrors);
        Assert.StartsWith("InvalidImageFile", error.FullyQualifiedErrorId);
        Assert.Contains(reason, error.Exception.Message);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_found()
    {
        var error = Assert.Single((await _session.RunAsync("Import-ArchImage images.json", _variables)).AllErrors);
        Assert.Equal(("ImageFileNotFound", "ObjectNotFound"), (error.FullyQualifiedErrorId.Split(',')[0], $"{error.CategoryInfo.Category}"));
        Assert.Contains("the job before this one writes it with Export-ArchImage", error.Exception.Message);
    }

    [Fact]
    public async Task An_image_that_only_the_engine_has_is_warned_of()
    {
        var result = await RunAsync("@{ Reference = 'a:1'; Location = 'Engine' } | Export-ArchImage images.json");
        Assert.Contains("publish it first", Assert.Single(result.Warnings));
    }

    private async Task<SessionResult> RunAsync(string script) => (await _session.RunAsync(script, _variables)).WithoutErrors();
}
