using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>Images whose layers are packed with zstd, by skopeo.</summary>
public sealed class ZstdLayerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public ZstdLayerTests()
    {
        _session.Location = _folder.Path;
        _folder.Write("first/Dockerfile", "FROM scratch\nCOPY app /bin/app\nENTRYPOINT [\"/bin/app\"]\n");
        File.WriteAllBytes(_folder["first/app"], SampleProgram.Amd64Fixed);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [PeerFact]
    public async Task A_program_is_seen_in_them()
    {
        await PackAsync("linux/amd64, linux/arm64");
        var findings = await _session.RunAsync("Test-FatManifest oci:packed:app -Deep -Detailed");
        Assert.Empty(findings.AllErrors);
        Assert.Equal(["ProgramMismatch", "SameLayers"], findings.Values("Code"));
        Assert.Matches("^/bin/app in layer sha256:[0-9a-f]{12} is an ELF for x86-64, the config says linux/arm64$", (string)findings.Values("Message")[0]!);
    }

    [PeerFact]
    public async Task Files_are_copied_out_of_them_without_an_engine()
    {
        await PackAsync("linux/amd64");
        _folder.Write("second/Dockerfile", "FROM oci:../packed:app AS base\nFROM scratch\nCOPY --from=base /bin/app /again\nENTRYPOINT [\"/again\"]\n");
        var result = await _session.RunAsync(
            "New-ArchImage second -Repository example/again -Tag 'again-{arch}' -Platform linux/amd64 -Output oci:again | New-FatManifest -Deep | ForEach-Object Status");
        Assert.Empty(result.AllErrors);
        Assert.Equal(["Created"], result.Output.Select(output => $"{output}"));
    }

    [PeerFact]
    public async Task Damage_in_them_is_told()
    {
        await PackAsync("linux/amd64");
        var layer = Directory.EnumerateFiles(_folder["packed/blobs/sha256"]).Single(file => IsZstd(File.ReadAllBytes(file)));
        File.WriteAllBytes(layer, File.ReadAllBytes(layer)[..^5]);
        var findings = await _session.RunAsync("Test-FatManifest oci:packed:app -Deep -Detailed");
        Assert.Contains("ProgramUnseen", findings.Values("Code"));
    }

    private static bool IsZstd(byte[] bytes) => bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]);

    private async Task PackAsync(string platforms)
    {
        var result = await _session.RunAsync(
            $"New-ArchImage first -Repository example/app -Tag 'app-{{arch}}' -Platform {platforms} -Output oci:built | New-FatManifest -Name oci:built:app");
        Assert.Empty(result.AllErrors);
        await Tool.RunAsync(
            "skopeo", "copy", "--all", "--dest-compress", "--dest-compress-format", "zstd", $"oci:{_folder["built"]}:app", $"oci:{_folder["packed"]}:app");
    }
}
