using System.Formats.Tar;
using System.IO.Compression;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores.Archives;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Stores.Archives;

public sealed class HostileArchiveTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly string Config =
        $$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:{{new string('0', 64)}}"]} }""";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string> Names => new()
    {
        { "oci-layout", "../../etc/passwd", "not below" },
        { "oci-layout", "/etc/passwd", "not below" },
        { "oci-layout", "blobs/../../x", "not below" },
        { "oci-layout", @"..\..\x", "not below" },
        { "oci-layout", "oci-layout", "two entries" },
        { "oci-layout", "./oci-layout", "two entries" },
        { "oci-layout", new string('x', 2000), "2000 characters" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Names))]
    public Task Names_that_lead_out_or_come_twice_are_refused(string first, string second, string reason) =>
        RefusedAsync("oci-archive", TarFile.Of(TarFile.File(first, "{}"), TarFile.File(second, "x")), reason);

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "/etc/hostname", "not below")]
    [InlineData(TarEntryType.SymbolicLink, "../../etc/hostname", "not below")]
    [InlineData(TarEntryType.SymbolicLink, "layer.tar", "circle")]
    [InlineData(TarEntryType.SymbolicLink, "gone.tar", "has no layers/layer.tar")]
    [InlineData(TarEntryType.HardLink, "../etc/hostname", "not below")]
    [InlineData(TarEntryType.HardLink, "layers/layer.tar", "circle")]
    public Task Links_are_followed_within_the_archive_only(TarEntryType type, string target, string reason) => RefusedAsync("docker-archive", TarFile.Of(
        TarFile.File("config.json", Config),
        TarFile.Link(type, "layers/layer.tar", target),
        TarFile.File("manifest.json", """[{"Config":"config.json","RepoTags":["a:1"],"Layers":["layers/layer.tar"]}]""")), reason);

    [Theory]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    public Task Devices_are_refused(TarEntryType type) =>
        RefusedAsync("oci-archive", TarFile.Of(TarFile.File("oci-layout", "{}"), new PaxTarEntry(type, "device")), $"device is a {type}");

    [Theory]
    [InlineData("[{", "JSON")]
    [InlineData("{}", "JSON array")]
    [InlineData("[1]", "something else")]
    [InlineData("""[{"RepoTags":["a:1"]}]""", "without a config")]
    [InlineData("""[{"Config":"gone.json"}]""", "has no gone.json")]
    [InlineData("""[{"Config":"../config.json"}]""", "not below")]
    [InlineData("""[{"Config":"config.json","Layers":[]}]""", "has 1 layers")]
    [InlineData("""[{"Config":"config.json","Layers":["gone.tar"]}]""", "has no gone.tar")]
    [InlineData("""[{"Config":"empty.json","Layers":[]}]""", "no os and architecture")]
    public Task A_manifest_that_does_not_fit_is_refused(string manifest, string reason) => RefusedAsync("docker-archive", TarFile.Of(
        TarFile.File("config.json", Config), TarFile.File("empty.json", "{}"), TarFile.File("manifest.json", manifest)), reason);

    [Fact]
    public async Task Documents_past_their_bounds_are_refused_unread()
    {
        await RefusedAsync("docker-archive", TarFile.Of(TarFile.File("manifest.json", new byte[OciLimits.ManifestSize + 1])), "are refused");
        await RefusedAsync("docker-archive", TarFile.Of(
            TarFile.File("config.json", new byte[OciLimits.ConfigSize + 1]), TarFile.File("manifest.json", """[{"Config":"config.json"}]""")), "are refused");
        await RefusedAsync("docker-archive", TarFile.Of(TarFile.File("manifest.json", new string('[', 100_000))), "JSON");
        await RefusedAsync("docker-archive", TarFile.Of(TarFile.File("manifest.json", $"[{string.Join(',', Enumerable.Repeat("{}", 5000))}]")), "5000 images");
        await RefusedAsync("oci-archive", TarFile.Of(
            TarFile.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""), TarFile.File("index.json", new byte[OciLimits.IndexSize + 1])), "are refused");
    }

    [Fact]
    [Needs(Part.Speed)]
    public async Task More_entries_than_any_image_has_are_refused()
    {
        var many = TarFile.Of(Enumerable.Range(0, OciLimits.ArchiveEntries + 1).Select(number => new UstarTarEntry(TarEntryType.RegularFile, $"blobs/{number}")));
        await RefusedAsync("oci-archive", many, "more than 100000 entries");
    }

    [Fact]
    public Task A_header_that_says_it_is_gigabytes_long_is_refused_before_it_is_read() => RefusedAsync(
        "oci-archive", TarFile.Claiming("16000000000", TarFile.Of(new PaxTarEntry(TarEntryType.RegularFile, "oci-layout"))), "more than 65536 bytes are refused");

    [Fact]
    public async Task An_archive_that_ends_anywhere_is_refused_or_says_what_it_lacks()
    {
        var image = new SampleImage("one");
        using (var store = new ArchiveStore(Place("oci-archive")))
            await image.PutAsync(store, "1.0");
        var whole = await File.ReadAllBytesAsync(_folder["hostile.tar"], Never);
        var random = new Random(4);
        for (var round = 0; round < 60; round++)
        {
            var length = random.Next(whole.Length - 3 * 512);
            var failure = await RefusedAsync("oci-archive", whole[..length], "");
            Assert.Contains("hostile.tar", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Bytes_that_are_changed_anywhere_are_noticed_or_do_not_matter()
    {
        var image = new SampleImage("one");
        using (var store = new ArchiveStore(Place("oci-archive")))
            await image.PutAsync(store, "1.0");
        var whole = await File.ReadAllBytesAsync(_folder["hostile.tar"], Never);
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var changed = (byte[])whole.Clone();
            changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
            await File.WriteAllBytesAsync(_folder["hostile.tar"], changed, Never);
            using var store = new ArchiveStore(Place("oci-archive"));
            try
            {
                var manifest = await store.GetManifestAsync("1.0", Never);
                Assert.Equal(image.Manifest.Document.Digest, manifest.Digest);
                Assert.Equal(image.LayerBytes.ToArray(), await store.ReadAsync(image.Layer));
            }
            catch (ImageException)
            {
                // Noticed.
            }
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x28, 0xb5, 0x2f, 0xfd, 0 }, "zstd")]
    [InlineData(new byte[] { 0xfd, 0x37, 0x7a, 0x58, 0x5a }, "xz")]
    [InlineData(new byte[] { 0x42, 0x5a, 0x68, 0x39 }, "bzip2")]
    [InlineData(new byte[] { 0x1f, 0x8b, 8, 0, 1 }, "no tar")]
    [InlineData(new byte[] { 0x1f, 0x8b, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7 }, "damaged")]
    [InlineData(new byte[0], "no tar")]
    public Task Other_files_are_named_for_what_they_are(byte[] content, string reason) => RefusedAsync("oci-archive", content, reason);

    [Fact]
    public async Task A_bomb_is_unpacked_to_its_bound_and_no_further()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(new byte[4 << 20]);
        await File.WriteAllBytesAsync(_folder["hostile.tar"], packed.ToArray(), Never);
        using var store = new ArchiveStore(Place("oci-archive"), null, 1 << 20);
        var failure = await Assert.ThrowsAsync<InvalidArchiveException>(() => store.ResolveAsync("latest", Never));
        Assert.Contains("unpacks to more than 1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_and_an_archive_of_the_other_kind_are_named_for_what_they_are()
    {
        await RefusedAsync("oci-archive", TarFile.Of(TarFile.File("manifest.json", "[]")), "use docker-archive:");
        await RefusedAsync("docker-archive", TarFile.Of(TarFile.File("oci-layout", "{}")), "use oci-archive:");
        await RefusedAsync("oci-archive", TarFile.Of(TarFile.File("thesis.txt", "mine")), "neither oci-layout nor manifest.json");
        await RefusedAsync("oci-archive", TarFile.Of(TarFile.File("oci-layout", """{"imageLayoutVersion":"2.0.0"}""")), "version '2.0.0'");
        using var folder = new ArchiveStore(ImageReference.Parse($"oci-archive:{_folder.Path}"));
        var failure = await Assert.ThrowsAsync<InvalidArchiveException>(() => folder.ResolveAsync("latest", Never));
        Assert.Contains("is a folder", failure.Message, StringComparison.Ordinal);
    }

    private ImageReference Place(string scheme) => ImageReference.Parse($"{scheme}:{_folder["hostile.tar"]}");

    // Neither read nor written over, and nothing appears beside it.
    private async Task<InvalidArchiveException> RefusedAsync(string scheme, byte[] content, string reason)
    {
        await File.WriteAllBytesAsync(_folder["hostile.tar"], content, Never);
        using var store = new ArchiveStore(Place(scheme));
        var failure = await Assert.ThrowsAsync<InvalidArchiveException>(() => store.ResolveAsync("latest", Never));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidArchiveException>(() => new SampleImage("two").PutAsync(store, "2.0"));
        Assert.Equal(content, await File.ReadAllBytesAsync(_folder["hostile.tar"], Never));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder.Path), left => left.Contains(".partial-", StringComparison.Ordinal));
        return failure;
    }
}
