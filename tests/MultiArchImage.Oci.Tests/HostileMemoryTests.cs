using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using MultiArchImage.Oci.Layers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;
using TarFile = MultiArchImage.Oci.Tests.Stores.Archives.TarFile;

namespace MultiArchImage.Oci.Tests;

/// <summary>How much memory a stranger can make this process take.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class HostileMemoryTests : IDisposable
{
    private const long Megabyte = 1_000_000;

    private readonly RegistryFixture _fixture = new() { Options = new RegistryOptions { MaximumRetryCount = 0 } };
    private readonly FatManifestWorkbench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _bench.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(100_000)]
    [Needs(Part.HttpListener)]
    public async Task A_hundred_thousand_tags_are_looked_through_in_little_memory(int pageSize)
    {
        const int count = 100_000;
        var pages = Enumerable.Range(0, count).Chunk(pageSize).Select(page => $$"""{"name":"a","tags":[{{string.Join(',', page.Select(tag => $"\"v{tag}\""))}}]}""").ToList();
        using var server = new AnsweringServer(context =>
        {
            var page = int.Parse(context.Request.QueryString["page"] ?? "0", CultureInfo.InvariantCulture);
            if (page + 1 < pages.Count)
                context.Response.AddHeader("Link", $"</v2/a/tags/list?page={page + 1}>; rel=\"next\"");
            return pages[page];
        });
        using var stores = new ImageStores(_fixture.Client());
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (seen, peak) = (0, 0L);
        await foreach (var name in new ImageListing(stores, _fixture.Sink).ListNamesAsync(ReferencePattern.Parse($"{server.Host}/a:v9999?"), Cancel))
        {
            seen++;
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
        }
        Assert.Equal(10, seen);
        Assert.InRange(peak, 0, 32 * Megabyte);
    }

    [Theory]
    [InlineData("/v2/a/manifests/1")]
    [InlineData("/v2/a/tags/list")]
    [InlineData("/v2/a/referrers/")]
    [Needs(Part.HttpListener)]
    public async Task A_document_of_a_gigabyte_is_refused_at_its_bound(string path)
    {
        using var server = new EndlessServer(1L << 30);
        var store = _fixture.Open($"{server.Host}/a");
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await Assert.ThrowsAsync<InvalidImageException>(async () =>
        {
            if (path.Contains("manifests", StringComparison.Ordinal))
                await store.GetManifestAsync("1", Cancel);
            else if (path.Contains("tags", StringComparison.Ordinal))
                await store.ListTagsAsync(Cancel).ToListAsync(Cancel);
            else
                await store.TryListReferrersAsync(Digest.Of("x"u8), Cancel);
        });
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 128 * Megabyte);
        Assert.InRange(server.Sent, 0, 64 * Megabyte);
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public async Task A_header_of_a_layer_that_says_it_is_gigabytes_long_gets_no_room(TarEntryFormat format)
    {
        var name = new string('n', 300);
        TarEntry entry = format == TarEntryFormat.Pax ? new PaxTarEntry(TarEntryType.RegularFile, name) : new GnuTarEntry(TarEntryType.RegularFile, name);
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(TarFile.Claiming("16000000000", TarFile.Of(entry)), Cancel);
        var layer = await _bench.BlobAsync(MediaTypes.OciLayerGzip, packed.ToArray());
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await Assert.ThrowsAsync<InvalidImageException>(async () => await LayerArchive.ReadAsync(layer, _bench.Store, Cancel).ToListAsync(Cancel));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 32 * Megabyte);
    }
}
