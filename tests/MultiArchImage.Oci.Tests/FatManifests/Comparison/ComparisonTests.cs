using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.FatManifests.Comparison;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Tests.Executables;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests.Comparison;

public sealed class ComparisonTests : IDisposable
{
    private readonly FatManifestWorkbench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_is_the_same()
    {
        await _bench.IndexAsync("one", await _bench.ImageAsync("linux/amd64"), await _bench.ImageAsync("linux/arm64"));
        var all = await CompareAsync(Named("one"), Named("one"));
        Assert.Equal(["(index)", "linux/amd64", "linux/arm64"], all.Select(difference => difference.Platform));
        Assert.All(all, difference => Assert.Equal(("Same", difference.ReferenceDigest), (difference.Status, difference.DifferenceDigest)));
    }

    [Fact]
    public async Task Platforms_are_added_removed_and_changed()
    {
        await _bench.IndexAsync("old", await _bench.ImageAsync("linux/386"), await _bench.ImageAsync("linux/amd64"), await _bench.ImageAsync("linux/s390x"));
        await _bench.IndexAsync("new", await _bench.ImageAsync("linux/amd64", "a longer new layer"), await _bench.ImageAsync("linux/arm64"), await _bench.ImageAsync("linux/s390x"));
        var all = await CompareAsync(Named("old"), Named("new"));
        Assert.Equal(
            [("(index)", "Same"), ("linux/386", "Removed"), ("linux/amd64", "Changed"), ("linux/arm64", "Added"), ("linux/s390x", "Same")],
            all.Select(difference => (difference.Platform, difference.Status)));
        var changed = all[2];
        Assert.Equal(LayerSketch.Of("a longer new layer").Length - LayerSketch.Of("layer of linux/amd64").Length, changed.SizeDelta);
        Assert.Equal((1, 1), (changed.LayersAdded, changed.LayersRemoved));
        Assert.Equal(["base: no layer in common"], changed.Changes);
    }

    [Fact]
    public async Task What_an_image_runs_is_compared_in_lines()
    {
        await _bench.IndexAsync("old", await RunningAsync("""{"Env":["A=1","B=2"],"Cmd":["serve"],"Labels":{"v":"1"},"User":"root"}"""));
        await _bench.IndexAsync("new", await RunningAsync(
            """{"Env":["A=1","B=3=x","C="],"Entrypoint":["/go","-v"],"Labels":{"v":"2"},"User":"root","WorkingDir":"/srv"}""", "2026-05-01T01:00:00Z"));
        var changed = (await CompareAsync(Named("old"), Named("new")))[1];
        Assert.Equal(
            [
                "created: '2026-05-01 00:00:00' -> '2026-05-01 01:00:00'", "entrypoint: none -> '/go -v'", "command: 'serve' -> none",
                "working directory: none -> '/srv'", "environment B: '2' -> '3=x'", "environment C: none -> ''", "label v: '1' -> '2'",
            ],
            changed.Changes);
        Assert.Equal((0, 0), (changed.LayersAdded, changed.LayersRemoved));
    }

    [Fact]
    public async Task A_variant_that_is_meant_anyway_is_the_same_platform()
    {
        var image = await _bench.ImageAsync("linux/arm64");
        await _bench.IndexAsync("bare", image);
        await _bench.IndexAsync("written", image with { Platform = Platform.Parse("linux/arm64/v8") });
        var all = await CompareAsync(Named("bare"), Named("written"));
        Assert.Equal(["Changed", "Same"], all.Select(difference => difference.Status));
        Assert.StartsWith("document: other bytes for the same images", Assert.Single(all[0].Changes));
    }

    [Fact]
    public async Task The_index_itself_is_compared()
    {
        var image = await _bench.ImageAsync("linux/amd64");
        await _bench.IndexAsync("bare", image);
        var index = ImageIndex.Create(
            MediaTypes.OciIndex, [image, await _bench.AttestationAsync(image.Digest)], new Dictionary<string, string> { [Annotations.Version] = "1" }).Document;
        await _bench.Store.PutManifestAsync(index, ["annotated"], Cancel);
        var all = await CompareAsync(Named("bare"), Named("annotated"));
        Assert.Equal([$"annotation {Annotations.Version}: none -> '1'", "attestations: 0 -> 1"], all[0].Changes);
    }

    [Fact]
    public async Task What_was_saved_is_compared_although_its_images_are_gone()
    {
        await _bench.IndexAsync("name", await _bench.ImageAsync("linux/amd64"));
        var saved = await new FatManifestReader(_bench.Stores).ReadAsync(_bench.Place.WithTag("name"), Cancel);
        await _bench.IndexAsync("name", await _bench.ImageAsync("linux/amd64", "new"));
        File.Delete(_bench.FileOf(Digest.Parse(saved.Entries[0].Digest)));
        var changed = (await CompareAsync(saved, Named("name")))[1];
        Assert.Equal(("Changed", saved.Entries[0].Digest, null), (changed.Status, changed.ReferenceDigest, changed.SizeDelta));
        Assert.Contains("not there any more", Assert.Single(changed.Changes));
    }

    [Fact]
    public async Task Two_entries_for_one_platform_and_entries_without_any_are_paired()
    {
        var (one, two) = (await _bench.ImageAsync("linux/amd64", "one"), await _bench.ImageAsync("linux/amd64", "two"));
        await _bench.IndexAsync("twice", one, two, (await _bench.ImageAsync("linux/arm64")) with { Platform = null });
        await _bench.IndexAsync("once", two);
        var all = await CompareAsync(Named("twice"), Named("once"));
        Assert.Equal([("(none)", "Removed"), ("linux/amd64", "Same"), ("linux/amd64", "Removed")], all.Skip(1).Select(difference => (difference.Platform, difference.Status)));
    }

    [Fact]
    public async Task Names_that_hold_nothing_or_one_image_are_errors()
    {
        await _bench.ImageAsync("linux/amd64", tag: "single");
        await Assert.ThrowsAsync<NotFatManifestException>(() => CompareAsync(Named("single"), Named("single")));
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => CompareAsync(Named("nowhere"), Named("single")));
    }

    private FatManifest Named(string tag) => new() { Reference = $"{_bench.Place.WithTag(tag)}" };

    private Task<Descriptor> RunningAsync(string settings, string created = "2026-05-01T00:00:00Z") => _bench.ImageAsync("linux/amd64", change: config =>
    {
        config["created"] = created;
        config["config"] = JObject.Parse(settings);
    });

    private async Task<List<FatManifestDifference>> CompareAsync(FatManifest before, FatManifest after)
    {
        var all = new List<FatManifestDifference>();
        await foreach (var difference in new FatManifestComparer(_bench.Stores).CompareAsync(before, after, Cancel))
            all.Add(difference);
        return all;
    }
}
