using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Tests.Executables;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Removal;

public sealed class LayoutRemovalTests : IDisposable
{
    private readonly RemovalBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_tag_goes_and_everything_else_stays()
    {
        var image = await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        await _bench.Content.ImageAsync("linux/amd64", tag: "latest");
        var files = Files();
        await _bench.RemoveAsync(_bench.Tag("1.0"));
        Assert.Equal(["latest"], await _bench.TagsAsync());
        Assert.Equal(files, Files());
        await _bench.RemoveAsync(_bench.Tag("latest"));
        Assert.Empty(await _bench.TagsAsync());
        Assert.True(await _bench.HasAsync(image.Digest));
    }

    [Fact]
    public async Task A_tag_that_is_not_there_is_an_error_and_no_layout_is_made()
    {
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => _bench.RemoveAsync(_bench.Tag("1.0")));
        Assert.False(Directory.Exists(_bench.Content.Place.Path));
        await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => _bench.RemoveAsync(_bench.Tag("latest")));
    }

    [Fact]
    public async Task A_fat_manifest_goes_with_the_files_that_only_it_uses()
    {
        // arm64, which goes, and 386, which stays, have one layer.
        var (amd64, arm64) = (await _bench.Content.ImageAsync("linux/amd64"), await _bench.Content.ImageAsync("linux/arm64", layer: "shared"));
        var fat = await _bench.Content.IndexAsync("1.0", amd64, arm64, await _bench.Content.AttestationAsync(arm64.Digest));
        await _bench.Content.ImageAsync("linux/386", layer: "shared", tag: "386");
        var plan = await _bench.RemoveAsync(_bench.Tag("1.0"), recurse: true);
        Assert.Equal(4, plan.Manifests.Count);
        // What is left is one image: its manifest, config and layer.
        Assert.Equal(3, Files().Count);
        Assert.Equal(["386"], await _bench.TagsAsync());
        Assert.Contains(Path.GetFileName(_bench.Content.FileOf(Digest.Of(LayerSketch.Of("shared")))), Files());
        Assert.False(await _bench.HasAsync(fat.Digest));
    }

    [Fact]
    public async Task A_digest_that_a_fat_manifest_needs_is_refused()
    {
        var amd64 = await _bench.Content.ImageAsync("linux/amd64");
        await _bench.Content.IndexAsync("1.0", amd64);
        var files = Files();
        Assert.Equal(
            ["1.0 (a fat manifest)"], (await Assert.ThrowsAsync<StillNeededException>(() => _bench.RemoveAsync(_bench.At(amd64.Digest)))).Users);
        Assert.Equal(files, Files());
    }

    [Fact]
    public async Task A_layout_with_a_damaged_document_loses_no_file()
    {
        await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        var other = await _bench.Content.IndexAsync("2.0", await _bench.Content.ImageAsync("linux/arm64"));
        await File.WriteAllTextAsync(_bench.Content.FileOf(other.Digest), "{ not json");
        var files = Files();
        await Assert.ThrowsAnyAsync<ImageException>(() => _bench.RemoveAsync(_bench.Tag("1.0"), recurse: true));
        Assert.Equal(files, Files());
        Assert.Equal(["1.0", "2.0"], await _bench.TagsAsync());
    }

    [Fact]
    public async Task Many_removals_at_once_lose_no_other_tag()
    {
        for (var number = 0; number < 12; number++)
            await _bench.Content.ImageAsync("linux/amd64", layer: $"{number}", tag: $"t{number}");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(number => _bench.RemoveAsync(_bench.Tag($"t{number}"), recurse: number % 2 == 0)));
        Assert.Equal(["t10", "t11"], await _bench.TagsAsync());
    }

    [Fact]
    [Needs(Part.Peers)]
    public async Task What_is_left_is_read_by_skopeo()
    {
        await _bench.Content.ImageAsync("linux/amd64", layer: "one", tag: "1.0");
        await _bench.Content.ImageAsync("linux/amd64", layer: "two", tag: "2.0");
        await _bench.RemoveAsync(_bench.Tag("1.0"), recurse: true);
        var config = await Tool.RunAsync("skopeo", "inspect", "--config", $"oci:{_bench.Content.Place.Path}:2.0");
        Assert.Contains("amd64", config);
    }

    private List<string> Files() =>
        [.. Directory.EnumerateFiles(Path.Combine(_bench.Content.Place.Path, "blobs", "sha256")).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
}
