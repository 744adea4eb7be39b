using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Host;

/// <summary>Archives as a process of its own writes them: killed in the middle, and measured.</summary>
[Needs(Part.Speed)]
public sealed class ArchiveProcessTests : IDisposable
{
    private const long Large = 160L << 20;
    private const long Small = 1L << 20;
    private const long Allowance = 48L << 20;

    private readonly HostProcess _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(".release.tar.partial-*/blobs")]
    [InlineData(".release.tar.partial-*")]
    public async Task A_writer_that_is_killed_leaves_the_old_archive(string sign)
    {
        WriteLayout("old", Small);
        WriteLayout("new", Large);
        await PublishAsync("oci:old:1.0", "oci-archive:release.tar");
        var before = await File.ReadAllBytesAsync(_host.Home["release.tar"]);

        using (var writer = _host.Start("-c", "Publish-ArchImage oci:new:1.0 -Destination oci-archive:release.tar"))
        {
            while (!Appeared(sign) && !writer.HasExited)
                await Task.Delay(1);
            Assert.False(writer.HasExited);
            writer.Kill();
            await writer.WaitForExitAsync();
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(_host.Home["release.tar"]));

        await PublishAsync("oci:new:1.0", "oci-archive:release.tar");
        Assert.InRange(new FileInfo(_host.Home["release.tar"]).Length, Large, Large + Small);
    }

    [Fact]
    [Needs(Part.UnixProcesses)]
    public async Task What_it_takes_of_memory_does_not_grow_with_the_image()
    {
        WriteLayout("small", Small, "small");
        WriteLayout("large", Large);
        var small = await PublishAsync("oci:small:small", "docker-archive:small.tar");
        var written = await PublishAsync("oci:large:1.0", "docker-archive:large.tar");
        var merged = await PublishAsync("oci:small:small", "docker-archive:large.tar");
        var read = await PublishAsync("docker-archive:large.tar:1.0", "oci:back");
        TestContext.Current.SendDiagnosticMessage($"peak: {small >> 20} MiB for {Small >> 20} MiB, {written >> 20} writing, {merged >> 20} adding to and {read >> 20} reading {Large >> 20} MiB");
        Assert.InRange(written, 0, small + Allowance);
        Assert.InRange(merged, 0, small + Allowance);
        Assert.InRange(read, 0, small + Allowance);
    }

    // A folder is the stage, a file the archive to be.
    private bool Appeared(string sign)
    {
        var (left, below) = (sign.Split('/')[0], sign.Split('/').ElementAtOrDefault(1));
        return below is null
            ? Directory.EnumerateFiles(_host.Home.Path, left).Any()
            : Directory.EnumerateDirectories(_host.Home.Path, left).Any(stage => Directory.Exists(Path.Combine(stage, below)));
    }

    // Returns the most memory that the process had, in bytes.
    private async Task<long> PublishAsync(string image, string destination)
    {
        using var process = _host.Start("-c", $"Publish-ArchImage {image} -Destination {destination}");
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        long peak = 0;
        while (!process.HasExited)
        {
            process.Refresh();
            peak = Math.Max(peak, Peak(process));
            await Task.Delay(10);
        }
        Assert.True(process.ExitCode == 0, await output + await error);
        return peak;
    }

    private static long Peak(Process process)
    {
        try
        {
            return process.PeakWorkingSet64;
        }
        catch (InvalidOperationException)
        {
            // It ended at this moment.
            return 0;
        }
    }

    // A layer of zeros takes no room on the disk, and is as many bytes as any other.
    private void WriteLayout(string name, long size, string tag = "1.0")
    {
        string hex;
        using (var layer = new FileStream(_host.Home.Write($"{name}/layer", ""), FileMode.Open, FileAccess.ReadWrite))
        {
            layer.SetLength(size);
            hex = Convert.ToHexStringLower(SHA256.HashData(layer));
        }
        var config = Put(name, $$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:{{hex}}"]} }""");
        var manifest = Put(name, $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
             "config":{{Descriptor("application/vnd.oci.image.config.v1+json", config)}},
             "layers":[{{Descriptor("application/vnd.oci.image.layer.v1.tar", (hex, size))}}]}
            """);
        File.Move(_host.Home[name, "layer"], _host.Home[name, "blobs", "sha256", hex]);
        var annotations = $$"""
            ,"annotations":{"org.opencontainers.image.ref.name":"{{tag}}"}
            """;
        _host.Home.Write($"{name}/index.json", $$"""
            {"schemaVersion":2,"manifests":[{{Descriptor("application/vnd.oci.image.manifest.v1+json", manifest, annotations)}}]}
            """);
        _host.Home.Write($"{name}/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
    }

    private (string Hex, long Size) Put(string layout, string document)
    {
        var bytes = Encoding.UTF8.GetBytes(document);
        var hex = Convert.ToHexStringLower(SHA256.HashData(bytes));
        _host.Home.Write($"{layout}/blobs/sha256/{hex}", document);
        return (hex, bytes.Length);
    }

    private static string Descriptor(string mediaType, (string Hex, long Size) blob, string more = "") =>
        $$"""{"mediaType":"{{mediaType}}","digest":"sha256:{{blob.Hex}}","size":{{blob.Size}}{{more}} }""";
}
