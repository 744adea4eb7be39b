using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Tests.FatManifests;

public sealed class FatManifestTests : IDisposable
{
    private readonly LayoutFixture _layout = new();

    public void Dispose() => _layout.Dispose();

    [Fact]
    public async Task Images_are_joined_under_the_name_without_the_architecture()
    {
        var fat = await _layout.JoinAsync(new JoinRequest(), await ImageAsync("k8s-amd64-latest", "linux/amd64"), await ImageAsync("k8s-arm64-latest", "linux/arm64"));
        Assert.Equal(($"{_layout.Name("k8s-latest")}", "Created", null), (fat.Reference, fat.Status, fat.PreviousDigest));
        Assert.Equal(["linux/amd64", "linux/arm64"], fat.Platforms);
        Assert.Equal(MediaTypes.OciIndex, fat.MediaType);
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_the_order_does_not_matter()
    {
        var (amd64, arm64) = (await ImageAsync("amd64-1", "linux/amd64"), await ImageAsync("arm64-1", "linux/arm64"));
        var first = await _layout.JoinAsync(new JoinRequest(), amd64, arm64);
        var second = await _layout.JoinAsync(new JoinRequest(), arm64, amd64);
        Assert.Equal(("Unchanged", first.Digest), (second.Status, second.Digest));
    }

    [Fact]
    public async Task What_was_replaced_is_remembered()
    {
        var amd64 = await ImageAsync("amd64-1", "linux/amd64");
        var first = await _layout.JoinAsync(new JoinRequest(), amd64);
        var second = await _layout.JoinAsync(new JoinRequest(), amd64, await ImageAsync("arm64-1", "linux/arm64"));
        Assert.Equal(("Updated", first.Digest), (second.Status, second.PreviousDigest));
    }

    [Fact]
    public async Task A_missing_platform_is_named_and_nothing_is_pushed()
    {
        var old = await _layout.JoinAsync(new JoinRequest(), await ImageAsync("amd64-1", "linux/amd64"), await ImageAsync("arm64-1", "linux/arm64"));
        var request = new JoinRequest { RequiredPlatforms = [Platform.Parse("linux/amd64"), Platform.Parse("linux/arm64")] };
        var failure = await Assert.ThrowsAsync<RequiredPlatformMissingException>(
            async () => await _layout.JoinAsync(request, await ImageAsync("amd64-1", "linux/amd64", "new")));
        Assert.Equal(["linux/arm64"], failure.Missing);
        Assert.Equal(old.Digest, $"{(await _layout.Stores.Open(_layout.Place()).ResolveAsync("1", CancellationToken.None))!.Digest}");
    }

    [Fact]
    public async Task A_required_platform_is_there_however_its_variant_is_written()
    {
        var request = new JoinRequest { RequiredPlatforms = [Platform.Parse("linux/arm64/v8")] };
        Assert.Equal(["linux/arm64"], (await _layout.JoinAsync(request, await ImageAsync("arm64-1", "linux/arm64"))).Platforms);
    }

    [Fact]
    public async Task Two_images_for_one_platform_conflict_unless_the_last_may_win()
    {
        var (one, two) = (await ImageAsync("a-amd64-1", "linux/amd64", "one"), await ImageAsync("b-amd64-1", "linux/amd64", "two"));
        var name = new JoinRequest { Name = _layout.Name("x") };
        var failure = await Assert.ThrowsAsync<PlatformConflictException>(() => _layout.JoinAsync(name, one, two));
        Assert.Contains("a-amd64-1", failure.Message);
        var last = (await _layout.PlanAsync(name with { Replace = true }, one, two)).Index.Entries.Single();
        Assert.Equal((await _layout.Stores.Open(_layout.Place()).ResolveAsync("b-amd64-1", CancellationToken.None))!.Digest, last.Digest);
    }

    [Fact]
    public async Task The_same_image_twice_is_one_entry()
    {
        var one = await ImageAsync("amd64-1", "linux/amd64");
        Assert.Single((await _layout.JoinAsync(new JoinRequest(), one, one)).Entries);
    }

    [Fact]
    public async Task A_tag_that_lies_of_its_architecture_is_an_error()
    {
        var lie = await ImageAsync("k8s-arm64-latest", "linux/amd64");
        await Assert.ThrowsAsync<PlatformMismatchException>(() => _layout.JoinAsync(new JoinRequest(), lie));
        await Assert.ThrowsAsync<PlatformMismatchException>(() => _layout.JoinAsync(new JoinRequest { Name = _layout.Name("x") }, lie));
    }

    [Fact]
    public async Task Docker_images_give_a_Docker_list_and_a_mixture_an_index()
    {
        var (docker, oci) = (await ImageAsync("amd64-1", "linux/amd64", docker: true), await ImageAsync("arm64-1", "linux/arm64"));
        Assert.Equal(MediaTypes.DockerList, (await _layout.PlanAsync(new JoinRequest(), docker)).Index.Document.MediaType);
        Assert.Equal(MediaTypes.OciIndex, (await _layout.PlanAsync(new JoinRequest(), docker, oci)).Index.Document.MediaType);
        Assert.Equal(MediaTypes.OciIndex, (await _layout.PlanAsync(new JoinRequest { Format = FatManifestFormat.Oci }, docker)).Index.Document.MediaType);
        Assert.Equal(MediaTypes.DockerList, (await _layout.PlanAsync(new JoinRequest { Format = FatManifestFormat.Docker }, docker, oci)).Index.Document.MediaType);
    }

    [Fact]
    public async Task Annotations_make_an_index_and_are_refused_for_a_Docker_list()
    {
        var docker = await ImageAsync("amd64-1", "linux/amd64", docker: true);
        var request = new JoinRequest { Annotations = new Dictionary<string, string> { [Annotations.Version] = "1.0" } };
        var fat = await _layout.JoinAsync(request, docker);
        Assert.Equal((MediaTypes.OciIndex, "1.0"), (fat.MediaType, fat.Annotations[Annotations.Version]));
        await Assert.ThrowsAsync<FormatConflictException>(() => _layout.JoinAsync(request with { Format = FatManifestFormat.Docker }, docker));
    }

    [Fact]
    public async Task An_index_of_BuildKit_is_flattened_with_its_attestation()
    {
        var attested = new JoinSource(await _layout.AddAttestedAsync("amd64-1", "linux/amd64"));
        var fat = await _layout.JoinAsync(new JoinRequest(), attested, await ImageAsync("arm64-1", "linux/arm64"));
        Assert.Equal(["Image", "Attestation", "Image"], fat.Entries.Select(entry => entry.Kind));
        Assert.Equal(["linux/amd64", "linux/arm64"], fat.Platforms);
        Assert.Equal(fat.Entries[0].Digest, fat.EntryAnnotations[fat.Entries[1].Digest][Annotations.ReferenceDigest]);
    }

    [Fact]
    public async Task Images_of_another_place_are_copied_before_the_push()
    {
        var elsewhere = new JoinSource(await _layout.AddAsync("amd64-1", "linux/amd64", "other"));
        var fat = await _layout.JoinAsync(new JoinRequest { Name = _layout.Name("x") }, elsewhere);
        var entry = await _layout.Stores.Open(_layout.Place()).GetManifestAsync(fat.Entries[0].Digest, CancellationToken.None);
        Assert.All(ImageManifest.Parse(entry).Blobs, blob => Assert.True(_layout.Stores.Open(_layout.Place()).HasBlobAsync(blob.Digest, CancellationToken.None).Result));
    }

    [Fact]
    public async Task Several_names_give_several_fat_manifests_and_one_bad_one_stops_no_other()
    {
        var sources = new[]
        {
            await ImageAsync("a-amd64-1", "linux/amd64"), await ImageAsync("a-arm64-1", "linux/arm64"), await ImageAsync("b-amd64-1", "linux/amd64"),
        };
        var request = new JoinRequest { RequiredPlatforms = [Platform.Parse("linux/arm64")] };
        var planned = await new FatManifestPlanner(_layout.Stores, Oci.Activity.NullSink.Instance).PlanAsync(sources, request, CancellationToken.None);
        Assert.Equal([true, false], planned.Select(plan => plan.Plan is not null));
        Assert.IsType<RequiredPlatformMissingException>(planned[1].Failure);
    }

    [Fact]
    public async Task Tags_stand_in_place_of_the_derived_one_and_beside_a_name()
    {
        var image = await ImageAsync("k8s-amd64-latest", "linux/amd64");
        Assert.Equal(["2.0", "2.0-rc"], (await _layout.PlanAsync(new JoinRequest { Tags = ["2.0", "2.0-rc"] }, image)).Tags);
        Assert.Equal(["1.0", "2.0"], (await _layout.PlanAsync(new JoinRequest { Name = _layout.Name("1.0"), Tags = ["2.0"] }, image)).Tags);
    }

    [Fact]
    public async Task A_source_that_is_not_there_is_an_error_or_left_out()
    {
        var (there, gone) = (await ImageAsync("amd64-1", "linux/amd64"), new JoinSource(_layout.Name("arm64-1")));
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => _layout.PlanAsync(new JoinRequest(), there, gone));
        Assert.Single((await _layout.PlanAsync(new JoinRequest { IgnoreMissing = true }, there, gone)).Index.Entries);
    }

    [Fact]
    public async Task An_image_that_another_process_described_is_looked_for()
    {
        var image = new ArchImage
        {
            Reference = $"{_layout.Name("amd64-1")}", Tag = "amd64-1", Platform = "linux/amd64", MediaType = MediaTypes.OciManifest, ManifestSize = 7,
            Digest = $"{Digest.Of("gone"u8)}", Location = "Layout",
        };
        await ImageAsync("amd64-1", "linux/amd64");
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => _layout.PlanAsync(new JoinRequest(), JoinSource.Of(image)));
    }

    [Fact]
    public void An_image_of_the_engine_that_was_never_pushed_is_refused() =>
        Assert.Throws<NotPublishedException>(() => JoinSource.Of(new ArchImage { Reference = "r/i:amd64-1", Location = "Engine" }));

    [Fact]
    public async Task Windows_images_that_differ_in_their_build_are_two_entries()
    {
        var name = new JoinRequest { Name = _layout.Name("win") };
        var fat = await _layout.JoinAsync(
            name, await ImageAsync("ltsc2019", "windows(10.0.17763.1)/amd64"), await ImageAsync("ltsc2022", "windows(10.0.20348.1)/amd64"));
        Assert.Equal(["windows(10.0.17763.1)/amd64", "windows(10.0.20348.1)/amd64"], fat.Platforms);
    }

    private async Task<JoinSource> ImageAsync(string tag, string platform, string salt = "", bool docker = false) =>
        new(await _layout.AddAsync(tag, platform, salt: salt, docker: docker));
}
