using System.Security.Cryptography;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Oci.Transfer;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry.Uploads;

/// <summary>Where blobs lie is remembered, at a real registry.</summary>
public sealed class LocationTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly RegistryFixture _fixture = new();
    private RegistryProcess? _registry;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Cache => _folder["cache"];

    private string CacheFile => Path.Combine(Cache, $"{Uri.EscapeDataString(_registry!.Host)}.txt");

    public async ValueTask InitializeAsync() => _registry = Requirements.HasRegistry ? await RegistryProcess.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _fixture.Dispose();
        _folder.Dispose();
    }

    [RegistryFact]
    public async Task A_layout_that_was_pushed_before_goes_to_a_new_repository_without_its_layers()
    {
        var (layout, image) = await LayoutAsync();
        await PushAsync(layout, image, "first");
        Assert.Equal(["POST 202", "POST 202", "PUT 201", "PUT 201", "PUT 201"], await RequestsAsync());
        await PushAsync(layout, image, "second");
        Assert.Equal(["POST 201", "POST 201", "PUT 201"], await RequestsAsync());
        await PushAsync(layout, image, "second");
        Assert.Equal(["POST 201", "POST 201", "PUT 201"], await RequestsAsync());
    }

    [RegistryFact]
    public async Task Without_a_folder_nothing_is_remembered()
    {
        var (layout, image) = await LayoutAsync();
        await PushAsync(layout, image, "first", cache: null);
        await _registry!.TakeRequestsAsync();
        await PushAsync(layout, image, "second", cache: null);
        Assert.Equal(["POST 202", "POST 202", "PUT 201", "PUT 201", "PUT 201"], await RequestsAsync());
        Assert.False(Directory.Exists(Cache));
    }

    [RegistryFact]
    public async Task A_place_that_is_no_more_costs_nothing_but_the_bytes()
    {
        var (layout, image) = await LayoutAsync();
        await PushAsync(layout, image, "first");
        await File.WriteAllTextAsync(CacheFile, (await File.ReadAllTextAsync(CacheFile, Cancel)).Replace("first", "gone"), Cancel);
        await _registry!.TakeRequestsAsync();
        await PushAsync(layout, image, "second");
        Assert.Equal(["POST 202", "POST 202", "PUT 201", "PUT 201", "PUT 201"], await RequestsAsync());
        Assert.DoesNotContain("gone", await File.ReadAllTextAsync(CacheFile, Cancel));
        await PushAsync(layout, image, "third");
        Assert.Equal(["POST 201", "POST 201", "PUT 201"], await RequestsAsync());
    }

    [RegistryFact]
    public async Task A_large_blob_that_is_there_is_not_sent_because_another_place_is_no_more()
    {
        var content = RandomNumberGenerator.GetBytes(2_000_000);
        var blob = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(content), content.Length);
        await Open("first").PutBlobAsync(blob, BlobSource.FromBytes(content), Cancel);
        Directory.CreateDirectory(Cache);
        await File.WriteAllTextAsync(CacheFile, $"{blob.Digest} gone\n", Cancel);
        await _registry!.TakeRequestsAsync();
        Assert.Equal(BlobTransfer.Present, await Open("first").PutBlobAsync(blob, BlobSource.FromBytes(content), Cancel));
        Assert.Equal(["DELETE 204", "HEAD 200", "POST 202"], await RequestsAsync());
        Assert.Empty(OpenSessions());
    }

    [RegistryFact]
    public async Task A_cache_that_is_damaged_or_unreadable_is_as_none()
    {
        var (layout, image) = await LayoutAsync();
        Directory.CreateDirectory(Cache);
        foreach (var damage in new[] { "\0\u0001rubbish\n\n", "sha256:0 x\nnot a line at all", $"{image.Layer.Digest} a repository:with more,pull\n{image.Layer.Digest} ../up\n", "" })
        {
            await File.WriteAllTextAsync(CacheFile, damage, Cancel);
            await PushAsync(layout, image, $"r{Guid.NewGuid():N}");
        }
        await File.WriteAllBytesAsync(CacheFile, new byte[5 * 1024 * 1024], Cancel);
        await PushAsync(layout, image, "large");
        File.Delete(CacheFile);
        Directory.CreateDirectory(CacheFile);
        await PushAsync(layout, image, "folder");
        Directory.Delete(CacheFile);
        await PushAsync(layout, image, "repaired");
        Assert.Contains(" repaired", await File.ReadAllTextAsync(CacheFile, Cancel));
        Assert.DoesNotContain(_fixture.Sink.Lines, line => line.Contains("%20repository", StringComparison.Ordinal));
    }

    [RegistryFact]
    public async Task Several_writers_at_once_leave_a_whole_file_that_only_its_owner_reads()
    {
        var (layout, image) = await LayoutAsync();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(writer => PushAsync(layout, image, $"writer{writer}")));
        Assert.All(await File.ReadAllLinesAsync(CacheFile, Cancel), line => Assert.Matches("^sha256:[0-9a-f]{64} writer[0-9]+$", line));
        Assert.Equal([CacheFile], Directory.GetFiles(Cache));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(CacheFile));
    }

    [RegistryFact]
    public async Task It_does_not_grow_without_bound()
    {
        Directory.CreateDirectory(Cache);
        await File.WriteAllLinesAsync(CacheFile, Enumerable.Range(0, 10_000).Select(line => $"{Digest.Of(BitConverter.GetBytes(line))} old{line}"), Cancel);
        var (layout, image) = await LayoutAsync();
        await PushAsync(layout, image, "new");
        var lines = await File.ReadAllLinesAsync(CacheFile, Cancel);
        Assert.Equal(4096, lines.Length);
        Assert.EndsWith(" new", lines[^1]);
    }

    [RegistryFact]
    public async Task No_registry_is_told_of_repositories_of_another()
    {
        await using var other = await RegistryProcess.StartAsync();
        var (layout, image) = await LayoutAsync();
        await PushAsync(layout, image, "secret");
        await PushAsync(layout, image, "public", Cache, other.Host);
        Assert.DoesNotContain(await other.TakeRequestsAsync(), request => request.Path.Contains("secret", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", await File.ReadAllTextAsync(Path.Combine(Cache, $"{Uri.EscapeDataString(other.Host)}.txt"), Cancel));
    }

    [RegistryFact]
    public async Task A_blob_that_several_want_at_once_is_sent_once_and_mounted_elsewhere()
    {
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        var blob = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(content), content.Length);
        var client = Client(null);
        var ways = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.Open(ImageReference.Parse($"{_registry!.Host}/app{i % 2}"))
            .PutBlobAsync(blob, BlobSource.FromBytes(content), Cancel)));
        Assert.Equal([(BlobTransfer.Present, 6), (BlobTransfer.Mounted, 1), (BlobTransfer.Sent, 1)], ways.CountBy(way => way).Select(way => (way.Key, way.Value)).Order());
        Assert.Equal(["POST 201", "POST 202", "PUT 201"], await RequestsAsync());
        Assert.Empty(OpenSessions());
    }

    private async Task<(LayoutStore Layout, SampleImage Image)> LayoutAsync()
    {
        var (layout, image) = (new LayoutStore(_folder["layout"]), new SampleImage("located"));
        await image.PutAsync(layout, "1");
        return (layout, image);
    }

    // Each push is a run of its own.
    private Task PushAsync(LayoutStore layout, SampleImage image, string repository) => PushAsync(layout, image, repository, Cache);

    private Task PushAsync(LayoutStore layout, SampleImage image, string repository, string? cache, string? host = null) =>
        PushAsync(layout, image, ImageReference.Parse($"{host ?? _registry!.Host}/{repository}"), cache);

    private async Task PushAsync(LayoutStore layout, SampleImage image, ImageReference place, string? cache)
    {
        using var transfer = new ImageTransfer(layout, Client(cache).Open(place), _fixture.Sink, 4);
        await transfer.CopyAsync($"{image.Manifest.Document.Digest}", ["1"], Cancel);
    }

    private RegistryStore Open(string repository) => Client(Cache).Open(ImageReference.Parse($"{_registry!.Host}/{repository}"));

    private RegistryClient Client(string? cache) =>
        new(_fixture.Options with { BlobLocations = cache }, new CredentialResolver(null, _fixture.Environment), _fixture.Sink);

    private async Task<IEnumerable<string>> RequestsAsync() =>
        (await _registry!.TakeRequestsAsync()).Select(request => $"{request.Method} {request.Status}").Order(StringComparer.Ordinal);

    // It leaves an empty folder of one that was cancelled.
    private IEnumerable<string> OpenSessions() => Directory.EnumerateDirectories(_registry!.Storage, "_uploads", SearchOption.AllDirectories)
        .SelectMany(uploads => Directory.EnumerateFiles(uploads, "data", SearchOption.AllDirectories));
}
