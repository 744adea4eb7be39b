using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.FatManifests.Updating;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests.Updating;

public sealed class UpdateTests : IDisposable
{
    private readonly LayoutFixture _layout = new();

    public void Dispose() => _layout.Dispose();

    [Fact]
    public async Task A_name_that_holds_nothing_gets_an_index()
    {
        var fat = await UpdateAsync(await AddAsync("amd64-1", "linux/amd64"));
        Assert.Equal(("Created", null, $"{_layout.Name("1")}"), (fat.Status, fat.PreviousDigest, fat.Reference));
        Assert.Equal(["linux/amd64"], fat.Platforms);
    }

    [Fact]
    public async Task An_image_takes_the_place_of_the_entry_of_its_platform()
    {
        var first = await UpdateAsync(await AddAsync("amd64-1", "linux/amd64"), await AddAsync("arm64-1", "linux/arm64"));
        var second = await UpdateAsync(await AddAsync("b-arm64", "linux/arm64/v8", "newer"));
        Assert.Equal(("Updated", first.Digest), (second.Status, second.PreviousDigest));
        Assert.Equal(["linux/amd64", "linux/arm64/v8"], second.Platforms);
        Assert.Equal(first.Entries[0].Digest, second.Entries[0].Digest);
    }

    [Fact]
    public async Task The_same_again_changes_nothing()
    {
        var image = await AddAsync("amd64-1", "linux/amd64");
        var first = await UpdateAsync(image);
        var second = await UpdateAsync(image);
        Assert.Equal(("Unchanged", first.Digest, first.Digest), (second.Status, second.Digest, second.PreviousDigest));
    }

    [Fact]
    public async Task An_attestation_goes_with_its_image_and_with_no_other()
    {
        var (amd64, arm64) = (await _layout.AddAttestedAsync("a-amd64", "linux/amd64"), await _layout.AddAttestedAsync("a-arm64", "linux/arm64"));
        var attested = await UpdateAsync(new JoinSource(amd64), new JoinSource(arm64));
        Assert.Equal(["Image", "Attestation", "Image", "Attestation"], attested.Entries.Select(entry => entry.Kind));
        var replaced = await UpdateAsync(await AddAsync("b-amd64", "linux/amd64", "plain"));
        Assert.Equal(["Image", "Image", "Attestation"], replaced.Entries.Select(entry => entry.Kind));
        Assert.Equal(replaced.Entries[1].Digest, replaced.EntryAnnotations[replaced.Entries[2].Digest][Annotations.ReferenceDigest]);
        var removed = await UpdateAsync(Request() with { Removed = [Platform.Parse("linux/arm64/v8")] });
        Assert.Equal(["linux/amd64"], removed.Entries.Select(entry => entry.Platform));
    }

    [Fact]
    public async Task A_platform_that_is_not_there_cannot_be_removed()
    {
        await UpdateAsync(await AddAsync("arm-1", "linux/arm/v7"));
        var failure = await Assert.ThrowsAsync<PlatformNotThereException>(() => UpdateAsync(Request() with { Removed = [Platform.Parse("linux/arm/v6")] }));
        Assert.Contains("no entry for linux/arm/v6 (it has linux/arm/v7)", failure.Message);
    }

    [Fact]
    public async Task The_last_image_cannot_be_removed()
    {
        await UpdateAsync(await AddAsync("amd64-1", "linux/amd64"));
        await Assert.ThrowsAsync<NothingLeftException>(() => UpdateAsync(Request() with { Removed = [Platform.Parse("linux/amd64")] }));
    }

    [Fact]
    public async Task What_others_wrote_is_kept()
    {
        var image = await AddAsync("amd64-1", "linux/amd64");
        var entry = JObject.FromObject(new { mediaType = MediaTypes.OciManifest, digest = $"{Digest.Of("x"u8)}", size = 7, foreign = "field" });
        entry["platform"] = JObject.FromObject(new { os = "linux", architecture = "s390x", odd = true });
        var document = new JObject
        {
            ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JArray(entry), ["unknown"] = new JArray(1, 2),
            ["annotations"] = new JObject { ["theirs"] = "stays", ["both"] = "old" },
        };
        await Store.PutManifestAsync(new Manifest(null, System.Text.Encoding.UTF8.GetBytes($"{document}")), ["1"], CancellationToken.None);
        var fat = await UpdateAsync(Request(image) with { Annotations = new Dictionary<string, string> { ["both"] = "new" } });
        Assert.Equal(("stays", "new"), (fat.Annotations["theirs"], fat.Annotations["both"]));
        var json = (await Store.GetManifestAsync("1", CancellationToken.None)).Json;
        Assert.True(JToken.DeepEquals(document["unknown"], json["unknown"]));
        Assert.Contains(json["manifests"]!, kept => JToken.DeepEquals(kept, entry));
    }

    [Fact]
    public async Task A_Docker_list_stays_one_until_something_comes_that_it_cannot_hold()
    {
        var list = await UpdateAsync(await AddAsync("amd64-1", "linux/amd64", docker: true));
        Assert.Equal(MediaTypes.DockerList, list.MediaType);
        Assert.Equal(MediaTypes.DockerList, (await UpdateAsync(await AddAsync("arm64-1", "linux/arm64", docker: true))).MediaType);
        var annotated = await UpdateAsync(Request() with { Annotations = new Dictionary<string, string> { [Annotations.Version] = "1" } });
        Assert.Equal((MediaTypes.OciIndex, 2), (annotated.MediaType, annotated.Entries.Count));
        Assert.Equal(MediaTypes.OciIndex, (await UpdateAsync(await AddAsync("386-1", "linux/386", docker: true))).MediaType);
    }

    [Fact]
    public async Task A_single_image_is_not_made_a_fat_manifest()
    {
        var image = await AddAsync("1", "linux/amd64");
        await Assert.ThrowsAsync<NotFatManifestException>(() => UpdateAsync(image));
    }

    [Fact]
    public async Task Another_digest_than_the_expected_one_is_left_alone()
    {
        var first = await UpdateAsync(await AddAsync("amd64-1", "linux/amd64"));
        var more = Request(await AddAsync("arm64-1", "linux/arm64"));
        var failure = await Assert.ThrowsAsync<TagChangedException>(() => UpdateAsync(more with { IfDigest = Digest.Of("other"u8) }));
        Assert.Equal(first.Digest, $"{failure.Actual}");
        Assert.Equal("Updated", (await UpdateAsync(more with { IfDigest = Digest.Parse(first.Digest) })).Status);
    }

    [Fact]
    public async Task A_digest_cannot_be_updated_and_nothing_is_no_change()
    {
        var fat = await UpdateAsync(await AddAsync("amd64-1", "linux/amd64"));
        await Assert.ThrowsAsync<InvalidReferenceException>(() => UpdateAsync(new UpdateRequest(_layout.Name("1").WithDigest(Digest.Parse(fat.Digest)))));
        await Assert.ThrowsAsync<NothingToJoinException>(() => UpdateAsync(Request()));
    }

    [Fact]
    public async Task From_a_template_the_architecture_tags_are_the_whole()
    {
        await UpdateAsync(await AddAsync("old-386", "linux/386"));
        await AddAsync("t-amd64-1", "linux/amd64");
        await AddAsync("t-arm64-1", "linux/arm64");
        var request = new UpdateRequest(_layout.Name("1"))
        {
            Template = TagTemplate.Parse($"{_layout.Place()}:t-{{arch}}-1"),
            Annotations = new Dictionary<string, string> { ["key"] = "value" },
        };
        var fat = await UpdateAsync(request);
        Assert.Equal(["linux/amd64", "linux/arm64"], fat.Platforms);
        Assert.Equal("value", fat.Annotations["key"]);
        Assert.Equal("Unchanged", (await UpdateAsync(request)).Status);
        await Assert.ThrowsAsync<NothingToJoinException>(() => UpdateAsync(request with { Template = TagTemplate.Parse($"{_layout.Place()}:none-{{arch}}-1") }));
    }

    [Fact]
    public async Task The_plan_says_what_will_change()
    {
        await UpdateAsync(await AddAsync("amd64-1", "linux/amd64"), await AddAsync("386-1", "linux/386"));
        var request = Request(await AddAsync("b-amd64", "linux/amd64", "newer"), await AddAsync("arm64-1", "linux/arm64"));
        var plan = await Updater.PlanAsync(request with { Removed = [Platform.Parse("linux/386")] }, CancellationToken.None);
        Assert.Matches("Update .*:1 to sha256:[0-9a-f]{12}, in place of sha256:[0-9a-f]{12}", plan.Description);
        Assert.Matches(
            @"replaced   linux/amd64 +sha256:[0-9a-f]{12}\s+added      linux/arm64 +sha256:[0-9a-f]{12}\s+removed    linux/386 +sha256:[0-9a-f]{12}$", plan.Detail);
    }

    [Fact]
    public async Task Many_writers_of_a_layout_lose_no_entry()
    {
        for (var round = 0; round < 10; round++)
        {
            var images = await Task.WhenAll(Enumerable.Range(0, 24).Select(n => AddAsync($"image-{n}", $"linux/amd64/v{n + 2}")));
            var request = new UpdateRequest(_layout.Name($"fat-{round}"));
            await Task.WhenAll(images.Select(image => Task.Run(() => UpdateAsync(request with { Images = [image] }))));
            var all = ImageIndex.Parse(await Store.GetManifestAsync($"fat-{round}", CancellationToken.None));
            Assert.Equal(24, all.Entries.Count);
        }
    }

    private IImageStore Store => _layout.Stores.Open(_layout.Place());

    private FatManifestUpdater Updater => new(_layout.Stores, NullSink.Instance, 4);

    private UpdateRequest Request(params JoinSource[] images) => new(_layout.Name("1")) { Images = images };

    private Task<FatManifest> UpdateAsync(params JoinSource[] images) => UpdateAsync(Request(images));

    private async Task<FatManifest> UpdateAsync(UpdateRequest request) =>
        await Updater.ApplyAsync(await Updater.PlanAsync(request, CancellationToken.None), CancellationToken.None);

    private async Task<JoinSource> AddAsync(string tag, string platform, string salt = "", bool docker = false) =>
        new(await _layout.AddAsync(tag, platform, salt: salt, docker: docker));
}
