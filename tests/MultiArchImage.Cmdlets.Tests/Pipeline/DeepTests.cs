using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>The accident that a config cannot show: one program, copied into the images of all platforms.</summary>
public sealed class DeepTests : IDisposable
{
    private const string Build =
        "New-ArchImage . -Repository example/app -Tag 'app-{arch}-1' -Platform linux/amd64, linux/arm64 -Output oci:build";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public DeepTests()
    {
        _session.Location = _folder.Path;
        File.WriteAllText(_folder["Dockerfile"], "FROM scratch\nCOPY app /app\nENTRYPOINT [\"/app\"]\n");
        File.WriteAllBytes(_folder["app"], SampleProgram.Amd64Fixed);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_is_made_of_an_image_with_the_program_of_another_machine()
    {
        var result = await _session.RunAsync($"{Build} | New-FatManifest -Deep; Test-FatManifest oci:build:app-1");
        var error = Assert.Single(result.AllErrors);
        Assert.StartsWith("ProgramMismatch,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Matches("/app in layer sha256:[0-9a-f]{12} is an ELF for x86-64, the config says linux/arm64; nothing was pushed", error.Exception.Message);
        Assert.Equal(["False"], result.Output.Select(output => $"{output}"));
    }

    [Fact]
    public async Task What_was_published_is_found_by_a_deep_test()
    {
        var result = await _session.RunAsync($"$null = {Build} | New-FatManifest; Test-FatManifest oci:build:app-1; Test-FatManifest oci:build:app-1 -Deep");
        Assert.Empty(result.AllErrors);
        Assert.Equal(["True", "False"], result.Output.Select(output => $"{output}"));
        var findings = await _session.RunAsync("Test-FatManifest oci:build:app-1 -Deep -Detailed");
        Assert.Equal(["ProgramMismatch", "SameLayers"], findings.Values("Code"));
    }

    [Fact]
    public async Task It_is_not_put_in_place_of_an_entry_either()
    {
        var result = await _session.RunAsync($"$null = {Build}; Update-FatManifest oci:build:app-1 oci:build:app-arm64-1 -Deep");
        Assert.StartsWith("ProgramMismatch,", Assert.Single(result.AllErrors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
