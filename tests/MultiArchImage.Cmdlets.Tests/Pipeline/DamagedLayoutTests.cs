using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>A layout that is damaged is said to be so by whatever reads it or writes to it, and stays as it is, to the byte.</summary>
public sealed class DamagedLayoutTests : IDisposable
{
    private static readonly Dictionary<string, Action<string>> Damages = new()
    {
        ["no oci-layout"] = layout => File.Delete(Path.Combine(layout, "oci-layout")),
        ["oci-layout of another version"] = layout => File.WriteAllText(Path.Combine(layout, "oci-layout"), """{"imageLayoutVersion":"2.0.0"}"""),
        ["oci-layout of nothing"] = layout => File.WriteAllText(Path.Combine(layout, "oci-layout"), ""),
        ["no index.json"] = layout => File.Delete(Path.Combine(layout, "index.json")),
        ["index.json cut off"] = layout => Cut(Path.Combine(layout, "index.json")),
        ["index.json of nothing"] = layout => File.WriteAllText(Path.Combine(layout, "index.json"), ""),
        ["index.json of something else"] = layout => File.WriteAllText(Path.Combine(layout, "index.json"), """{"manifests":"none"}"""),
        ["index.json of two documents"] = layout => File.AppendAllText(Path.Combine(layout, "index.json"), """{"manifests":[]}"""),
    };

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public DamagedLayoutTests() => _session.Location = _folder.Path;

    public static TheoryData<string> Names => [.. Damages.Keys];

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Theory, MemberData(nameof(Names))]
    public async Task What_is_copied_or_published_into_it_is_refused(string damage)
    {
        await BuildAsync("whole", "damaged");
        Damages[damage](_folder["damaged"]);
        var before = Content();
        foreach (var command in (string[])[
            "Copy-ArchImage oci:whole:amd64-latest oci:damaged", "Copy-ArchImage oci:whole oci:damaged -IncludeReferrers", "Publish-ArchImage oci:whole:amd64-latest -Destination oci:damaged",
            "New-FatManifest oci:whole:amd64-latest -Name oci:damaged:latest", "Receive-ArchImage oci:whole:amd64-latest -Destination oci:damaged -Platform linux/amd64"])
        {
            var run = await _session.RunAsync(command);
            Assert.StartsWith("InvalidLayout", run.AllErrors.First().FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains(_folder["damaged"], run.AllErrors.First().Exception.Message, StringComparison.Ordinal);
            Assert.Empty(run.Output);
        }
        Assert.Equal(before, Content());
    }

    [Theory, MemberData(nameof(Names))]
    public async Task What_is_read_or_removed_of_it_is_refused(string damage)
    {
        await BuildAsync("damaged");
        Damages[damage](_folder["damaged"]);
        var before = Content();
        foreach (var command in (string[])[
            "Get-ArchImage oci:damaged", "Get-FatManifest oci:damaged:latest", "Test-FatManifest oci:damaged:latest", "Copy-ArchImage oci:damaged:amd64-latest oci:copy",
            "Publish-ArchImage oci:damaged:amd64-latest -Destination oci:copy", "Remove-ArchImage oci:damaged:amd64-latest -Confirm:$false"])
        {
            var run = await _session.RunAsync(command);
            Assert.StartsWith("InvalidLayout", run.AllErrors.First().FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Empty(run.Output);
        }
        Assert.Equal(before, Content());
        Assert.False(Directory.Exists(_folder["copy"]));
    }

    [Fact]
    public async Task A_blob_with_other_bytes_or_none_is_named_and_nothing_is_half_copied()
    {
        await BuildAsync("damaged");
        var layer = Directory.EnumerateFiles(_folder["damaged", "blobs", "sha256"]).MaxBy(file => new FileInfo(file).Length)!;
        var bytes = await File.ReadAllBytesAsync(layer);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(layer, bytes);
        var other = await _session.RunAsync("Copy-ArchImage oci:damaged:amd64-latest oci:copy");
        Assert.StartsWith("DigestMismatch", Assert.Single(other.AllErrors).FullyQualifiedErrorId, StringComparison.Ordinal);
        File.Delete(layer);
        var none = await _session.RunAsync("Copy-ArchImage oci:damaged:amd64-latest oci:copy");
        Assert.StartsWith("BlobNotFound", Assert.Single(none.AllErrors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty((await _session.RunAsync("Get-ArchImage oci:copy")).Output);
    }

    private static void Cut(string file) => File.WriteAllText(file, File.ReadAllText(file)[..^20]);

    private async Task BuildAsync(params string[] layouts)
    {
        _folder.Write("context/Dockerfile", "FROM scratch\nCOPY Dockerfile /etc/dockerfile");
        foreach (var layout in layouts)
            (await _session.RunAsync($"New-ArchImage ./context -Repository example/hello -Tag '{{arch}}-latest' -Platform linux/amd64 -Output oci:{layout}")).WithoutErrors();
    }

    private IReadOnlyList<string> Content() =>
        [.. Directory.EnumerateFiles(_folder["damaged"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => $"{file} {Convert.ToHexString(File.ReadAllBytes(file))}")];
}
