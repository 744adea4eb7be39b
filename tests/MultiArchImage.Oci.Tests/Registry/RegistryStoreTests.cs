using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry;

public sealed class RegistryStoreTests : IAsyncLifetime
{
    private readonly RegistryFixture _fixture = new();
    private RegistryProcess _registry = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _registry = Requirements.HasRegistry ? await RegistryProcess.StartAsync() : null!;

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _fixture.Dispose();
    }

    [RegistryFact]
    public async Task An_image_is_pushed_and_read_back()
    {
        var (store, image) = (_fixture.Open($"{_registry.Host}/a/b"), new SampleImage("hello"));
        await image.PutAsync(store, "1.0", "latest");

        var resolved = await store.ResolveAsync("latest", Cancel);
        Assert.Equal(image.Manifest.Document.ToDescriptor(), resolved);
        Assert.Equal(image.Manifest.Document.Bytes.ToArray(), (await store.GetManifestAsync("1.0", Cancel)).Bytes.ToArray());
        using var layer = await store.OpenBlobAsync(image.Layer, Cancel);
        using var content = new MemoryStream();
        await layer.CopyToAsync(content, Cancel);
        Assert.Equal(image.LayerBytes.ToArray(), content.ToArray());
    }

    [RegistryFact]
    public async Task A_new_blob_costs_two_requests_and_an_old_or_mounted_one_costs_one()
    {
        var image = new SampleImage("cost");
        var (store, other) = (_fixture.Open($"{_registry.Host}/a"), _fixture.Open($"{_registry.Host}/b"));
        var source = BlobSource.FromBytes(image.LayerBytes);

        Assert.Equal(BlobTransfer.Sent, await store.PutBlobAsync(image.Layer, source, Cancel));
        Assert.Equal(["POST 202", "PUT 201"], await RequestsAsync());
        Assert.Equal(BlobTransfer.Present, await store.PutBlobAsync(image.Layer, source, Cancel));
        Assert.Empty(await RequestsAsync());
        Assert.Equal(BlobTransfer.Present, await _fixture.Open($"{_registry.Host}/a").PutBlobAsync(image.Layer, source, Cancel));
        Assert.Equal(["POST 201"], await RequestsAsync());
        Assert.Equal(BlobTransfer.Mounted, await other.PutBlobAsync(image.Layer, source with { Place = store.Place }, Cancel));
        Assert.Equal(["POST 201"], await RequestsAsync());
        Assert.True(await other.HasBlobAsync(image.Layer.Digest, Cancel));
    }

    [RegistryFact]
    public async Task What_is_not_there_is_said_so()
    {
        var store = _fixture.Open($"{_registry.Host}/nowhere");
        Assert.Null(await store.ResolveAsync("latest", Cancel));
        Assert.False(await store.HasBlobAsync(Digest.Of("x"u8), Cancel));
        var unknown = await Assert.ThrowsAsync<ManifestNotFoundException>(() => store.GetManifestAsync("latest", Cancel));
        Assert.Contains($"{_registry.Host}/nowhere:latest", unknown.Message);
        await Assert.ThrowsAsync<RepositoryNotFoundException>(async () => await store.ListTagsAsync(Cancel).ToListAsync(Cancel));
        await Assert.ThrowsAsync<BlobNotFoundException>(() => store.OpenBlobAsync(new SampleImage("x").Layer, Cancel));
    }

    [RegistryFact]
    public async Task Tags_are_listed()
    {
        var store = _fixture.Open($"{_registry.Host}/many");
        await new SampleImage("tags").PutAsync(store, "3", "1", "2");
        Assert.Equal(["1", "2", "3"], (await store.ListTagsAsync(Cancel).ToListAsync(Cancel)).Order());
    }

    // docker-registry 2.8 answers all tags at once, so a double shows the pages (distribution-spec: Listing Tags).
    [Fact]
    [Needs(Part.HttpListener)]
    public async Task Tags_are_listed_over_all_pages()
    {
        using var pages = new AnsweringServer(context =>
        {
            var last = context.Request.QueryString["last"];
            if (last is null)
                context.Response.AddHeader("Link", "</v2/many/tags/list?n=2&last=b>; rel=\"next\"");
            return last is null ? """{"name":"many","tags":["a","b"]}""" : """{"name":"many","tags":["c","d"]}""";
        });
        Assert.Equal(["a", "b", "c", "d"], await _fixture.Open($"{pages.Host}/many").ListTagsAsync(Cancel).ToListAsync(Cancel));
    }

    [RegistryFact]
    public async Task A_push_that_the_registry_refuses_carries_its_words()
    {
        var missing = ImageManifest.Create(new Descriptor(MediaTypes.OciConfig, Digest.Of("no config"u8), 9), []);
        var failure = await Assert.ThrowsAsync<RegistryErrorException>(
            () => _fixture.Open($"{_registry.Host}/a").PutManifestAsync(missing.Document, ["1"], Cancel));
        Assert.Equal((400, "MANIFEST_BLOB_UNKNOWN"), (failure.Status, failure.Code));
    }

    [RegistryFact]
    public async Task A_blob_that_was_damaged_in_the_storage_is_not_believed()
    {
        var (store, image) = (_fixture.Open($"{_registry.Host}/a"), new SampleImage("damage"));
        await image.PutAsync(store, "1");
        var hex = image.Layer.Digest.Hex;
        var file = Path.Combine(_registry.Storage, "docker/registry/v2/blobs/sha256", hex[..2], hex, "data");
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancel);

        using var content = await store.OpenBlobAsync(image.Layer, Cancel);
        await Assert.ThrowsAsync<DigestMismatchException>(() => content.CopyToAsync(Stream.Null, Cancel));
    }

    [Fact]
    public async Task A_registry_that_is_not_there_is_a_quick_clear_error()
    {
        var start = DateTime.UtcNow;
        var failure = await Assert.ThrowsAsync<RegistryUnreachableException>(() => _fixture.Open("127.0.0.1:1/a").ResolveAsync("latest", Cancel));
        Assert.Contains("nothing listens at 127.0.0.1:1", failure.Message);
        Assert.InRange(DateTime.UtcNow - start, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [RegistryFact]
    public async Task Each_request_is_one_verbose_line()
    {
        await _fixture.Open($"{_registry.Host}/a").ResolveAsync("latest", Cancel);
        Assert.Matches($@"^HEAD http://{_registry.Host}/v2/a/manifests/latest 404 in \d+ ms$", _fixture.Sink.Lines.First(line => line.EndsWith("ms", StringComparison.Ordinal)));
    }

    private async Task<IEnumerable<string>> RequestsAsync() =>
        (await _registry.TakeRequestsAsync()).Select(request => $"{request.Method} {request.Status}");
}
