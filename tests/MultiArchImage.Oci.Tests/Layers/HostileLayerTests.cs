using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using MultiArchImage.Oci.Executables;
using MultiArchImage.Oci.Layers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Executables;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;
using TarFile = MultiArchImage.Oci.Tests.Stores.Archives.TarFile;

namespace MultiArchImage.Oci.Tests.Layers;

/// <summary>Layers that somebody made to do harm, looked into for an image's first program, <c>/app</c>.</summary>
public sealed class HostileLayerTests : IDisposable
{
    private const string Tar = "application/vnd.oci.image.layer.v1.tar";
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly FatManifestWorkbench _bench = new();

    public static TheoryData<string, string> Names => new()
    {
        { "../../etc/passwd", "leads out" },
        { "a/../../b", "leads out" },
        { "/../app", "leads out" },
        { string.Join('/', Enumerable.Repeat("a", 2000)), "2000 folders" },
        { new string('x', 5000), "5000 characters" },
    };

    public void Dispose() => _bench.Dispose();

    [Theory, MemberData(nameof(Names))]
    public async Task A_path_that_leads_out_or_has_no_end_is_an_obstacle(string name, string reason) =>
        Assert.Contains(reason, (await SearchAsync(new LayerSketch().File(name, "x"))).Obstacle!.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(TarEntryType.HardLink, "../../app")]
    [InlineData(TarEntryType.HardLink, "/../app")]
    public async Task A_hard_link_that_leads_out_is_an_obstacle(TarEntryType type, string target) => Assert.Contains(
        "leads out", (await SearchAsync(Tar, TarFile.Of(TarFile.Link(type, "app", target)))).Obstacle!.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../../../../../etc/passwd")]
    [InlineData("/proc/self/exe")]
    public async Task A_symbolic_link_leads_nowhere_but_into_the_image(string target) =>
        Assert.Equal(new ProgramSearch(null, null), await SearchAsync(new LayerSketch().Link("app", target)));

    [Fact]
    public async Task An_absolute_path_is_one_of_the_image() =>
        Assert.Equal("app", (await SearchAsync(new LayerSketch().File("/app", SampleProgram.Arm64))).Program!.Entry.Path);

    [Theory]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    public async Task A_device_is_no_program(TarEntryType type) =>
        Assert.Equal(new ProgramSearch(null, null), await SearchAsync(Tar, TarFile.Of(new PaxTarEntry(type, "app"))));

    [Fact]
    public async Task Attributes_as_large_as_Linux_has_them_are_read()
    {
        var attributes = Enumerable.Range(0, 4).ToDictionary(number => $"SCHILY.xattr.user.{number}", _ => new string('x', 64 * 1024));
        var layer = TarFile.Of(new PaxTarEntry(TarEntryType.RegularFile, "app", attributes) { DataStream = new MemoryStream(SampleProgram.Arm64) });
        Assert.Equal("app", (await SearchAsync(Tar, layer)).Program!.Entry.Path);
    }

    [Fact]
    public async Task A_file_that_looks_like_a_header_is_a_file()
    {
        // The content is as long as a block, and has the letter of a long header where a header has it, and no number for a size.
        var content = Enumerable.Repeat((byte)'x', 512).ToArray();
        Assert.Equal("app", (await SearchAsync(new LayerSketch().File("first", content).File("app", SampleProgram.Arm64))).Program!.Entry.Path);
    }

    [Fact]
    public async Task A_file_of_more_than_is_read_of_an_image_is_refused_by_what_its_header_says()
    {
        var layer = Packed(TarFile.Claiming("77777777777", TarFile.Of(new UstarTarEntry(TarEntryType.RegularFile, "first"), new UstarTarEntry(TarEntryType.RegularFile, "second"))));
        Assert.IsType<InvalidImageException>((await SearchAsync(MediaTypes.OciLayerGzip, layer)).Obstacle);
        Assert.Throws<InvalidImageException>(() =>
        {
            var (budget, entry) = (new ReadingBudget(characters: 1000), new UstarTarEntry(TarEntryType.RegularFile, new string('n', 90)));
            for (var files = 0; files < 20; files++)
                budget.Spend(entry, new Descriptor(Tar, Digest.Of([]), 0));
        });
    }

    [Fact]
    public async Task What_is_packed_behind_the_end_of_the_archive_is_not_unpacked()
    {
        // It could have no end; here it is damaged, which unpacking it would notice.
        var content = new byte[200_000];
        new Random(7).NextBytes(content);
        var packed = Packed([.. new LayerSketch().File("other", "x").ToTar(), .. content]);
        packed[^1000] ^= 1;
        Assert.Single(await ReadAsync(packed, MediaTypes.OciLayerGzip));
    }

    [Fact]
    public async Task Bytes_that_are_changed_anywhere_are_noticed_or_do_not_matter()
    {
        var whole = TarFile.Of(
            new PaxTarEntry(TarEntryType.RegularFile, new string('n', 200), new Dictionary<string, string> { ["SCHILY.xattr.user.a"] = "b", ["mtime"] = "12.5" }),
            TarFile.Link(TarEntryType.SymbolicLink, "link", "app"), new GnuTarEntry(TarEntryType.RegularFile, new string('g', 200)),
            new V7TarEntry(TarEntryType.V7RegularFile, "old"), TarFile.Link(TarEntryType.HardLink, "hard", "old"), TarFile.File("other", "content"));
        var random = new Random(6);
        for (var round = 0; round < 1500; round++)
        {
            var changed = (byte[])whole.Clone();
            for (var change = 0; change < 2; change++)
            {
                // In the header's own fields more than anywhere else; the checksum holds again.
                var block = random.Next(changed.Length / 512) * 512;
                changed[block + random.Next(random.Next(2) == 0 ? 160 : 512)] = (byte)random.Next(256);
                TarFile.Claiming(Encoding.ASCII.GetString(changed, block + 124, 11), changed.AsSpan(block, 512).ToArray()).CopyTo(changed, block);
            }
            try
            {
                await ReadAsync(changed, Tar);
            }
            catch (InvalidImageException)
            {
                // Noticed.
            }
        }
    }

    private static byte[] Packed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return packed.ToArray();
    }

    private Task<ProgramSearch> SearchAsync(LayerSketch layer) => SearchAsync(Tar, layer.ToTar());

    private async Task<ProgramSearch> SearchAsync(string mediaType, byte[] layer)
    {
        var config = FatManifestWorkbench.Config("linux/arm64", "any", json => json["config"]!["Entrypoint"] = new JArray("/app"));
        var image = ImageManifest.Create(await _bench.BlobAsync(MediaTypes.OciConfig, config.ToString()), [await _bench.BlobAsync(mediaType, layer)]);
        return await ProgramFinder.FindAsync(_bench.Store, image, await _bench.Store.ReadConfigAsync(image, Never), Never);
    }

    private async Task<IReadOnlyList<string>> ReadAsync(byte[] content, string mediaType)
    {
        var layer = await _bench.BlobAsync(mediaType, content);
        var paths = new List<string>();
        await foreach (var entry in LayerArchive.ReadAsync(layer, _bench.Store, Never))
            paths.Add(LayerArchive.CleanPath(entry.Name, layer));
        return paths;
    }
}
