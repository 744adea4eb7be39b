using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Tests.FatManifests;

/// <summary>The gates, and what else a user may ask of a fat manifest that is made.</summary>
public sealed class JoinOptionTests : IDisposable
{
    private readonly LayoutFixture _layout = new();

    public void Dispose() => _layout.Dispose();

    [Fact]
    public async Task Entries_of_one_revision_pass_the_gate()
    {
        var fat = await JoinAsync(
            new JoinRequest { RequiredSame = ["Revision"] },
            await AddAsync("amd64-1", "linux/amd64", revision: "abc"), await AddAsync("arm64-1", "linux/arm64", revision: "abc"));
        Assert.Equal("Created", fat.Status);
    }

    [Fact]
    public async Task Entries_of_different_builds_are_named_with_what_they_have()
    {
        var (abc, def, none) = (
            await AddAsync("amd64-1", "linux/amd64", revision: "abc"), await AddAsync("arm64-1", "linux/arm64", revision: "def"), await AddAsync("386-1", "linux/386"));
        var request = new JoinRequest { RequiredSame = [Annotations.Revision] };
        var failure = await Assert.ThrowsAsync<BuildsDifferException>(() => JoinAsync(request, abc, def));
        Assert.Contains("org.opencontainers.image.revision is 'abc' for linux/amd64, 'def' for linux/arm64", failure.Message);
        Assert.Contains("missing for linux/386", (await Assert.ThrowsAsync<BuildsDifferException>(() => JoinAsync(request, none))).Message);
    }

    [Fact]
    public async Task The_build_of_an_image_that_is_known_is_read_from_its_config()
    {
        await AddAsync("amd64-1", "linux/amd64", revision: "abc");
        var known = await Store.ResolveAsync("amd64-1", CancellationToken.None);
        var source = JoinSource.Of(new ArchImage
        {
            Reference = $"{_layout.Name("amd64-1")}", Platform = "linux/amd64", Digest = $"{known!.Digest}", MediaType = known.MediaType, ManifestSize = known.Size,
        });
        Assert.Equal("Created", (await JoinAsync(new JoinRequest { RequiredSame = ["revision"] }, source)).Status);
        await Assert.ThrowsAsync<BuildsDifferException>(() => JoinAsync(new JoinRequest { RequiredSame = ["Version"] }, source));
    }

    [Fact]
    public async Task Only_the_digest_that_was_reviewed_is_pushed()
    {
        var image = await AddAsync("amd64-1", "linux/amd64");
        var failure = await Assert.ThrowsAsync<UnexpectedDigestException>(() => JoinAsync(new JoinRequest { ExpectedDigest = Digest.Of("x"u8) }, image));
        Assert.Null(await Store.ResolveAsync("1", CancellationToken.None));
        Assert.Equal("Created", (await JoinAsync(new JoinRequest { ExpectedDigest = failure.Actual }, image)).Status);
    }

    [Theory]
    [InlineData("arm64-1")]
    [InlineData("NAME")]
    [InlineData("DIGEST")]
    public async Task A_platform_that_is_stated_stands_in_place_of_the_configs(string key)
    {
        var image = await AddAsync("arm64-1", "linux/arm64");
        var found = await Store.ResolveAsync("arm64-1", CancellationToken.None);
        var fat = await JoinAsync(Map(key == "NAME" ? $"{_layout.Name("arm64-1")}" : key == "DIGEST" ? $"{found!.Digest}" : key, "linux/arm64/v8"), image);
        Assert.Equal(["linux/arm64/v8"], fat.Platforms);
    }

    [Fact]
    public async Task A_platform_that_is_stated_must_agree_with_the_config_unless_that_is_meant()
    {
        var image = await AddAsync("amd64-1", "linux/amd64");
        var lie = Map("amd64-1", "linux/arm64");
        await Assert.ThrowsAsync<PlatformMismatchException>(() => JoinAsync(lie, image));
        Assert.Equal(["linux/arm64"], (await JoinAsync(lie with { AllowPlatformMismatch = true }, image)).Platforms);
    }

    [Fact]
    public async Task A_tag_that_lies_is_joined_where_that_is_meant_with_the_platform_of_the_config()
    {
        var fat = await JoinAsync(new JoinRequest { AllowPlatformMismatch = true }, await AddAsync("k8s-arm64-1", "linux/amd64"));
        Assert.Equal(($"{_layout.Name("k8s-1")}", "linux/amd64"), (fat.Reference, fat.Platforms.Single()));
    }

    [Fact]
    public async Task A_key_that_means_nothing_is_an_error()
    {
        var image = await AddAsync("amd64-1", "linux/amd64");
        await Assert.ThrowsAsync<UnmatchedKeyException>(() => JoinAsync(Map("amd64-2", "linux/amd64"), image));
        await Assert.ThrowsAsync<UnmatchedKeyException>(() => JoinAsync(Annotated("linux/arm64"), image));
    }

    [Fact]
    public async Task Attestations_are_left_out_when_told_to()
    {
        var attested = new JoinSource(await _layout.AddAttestedAsync("amd64-1", "linux/amd64"));
        Assert.Equal(["Image"], (await JoinAsync(new JoinRequest { NoAttestation = true }, attested)).Entries.Select(entry => entry.Kind));
    }

    [Fact]
    public async Task Platforms_are_picked_out_of_an_index()
    {
        await JoinAsync(
            new JoinRequest { Name = _layout.Name("all") }, await AddAsync("amd64-1", "linux/amd64"), await AddAsync("arm64-1", "linux/arm64"), await AddAsync("386-1", "linux/386"));
        var request = new JoinRequest { Name = _layout.Name("some"), PickedPlatforms = [Platform.Parse("linux/arm64/v8"), Platform.Parse("linux/386")] };
        Assert.Equal(["linux/386", "linux/arm64"], (await JoinAsync(request, new JoinSource(_layout.Name("all")))).Platforms);
        var none = request with { PickedPlatforms = [Platform.Parse("linux/s390x")] };
        await Assert.ThrowsAsync<NoImageForPlatformException>(() => JoinAsync(none, new JoinSource(_layout.Name("all"))));
    }

    [Fact]
    public async Task An_entry_is_annotated_by_its_platform()
    {
        var fat = await JoinAsync(Annotated("linux/arm64/v8"), await AddAsync("amd64-1", "linux/amd64", docker: true), await AddAsync("arm64-1", "linux/arm64", docker: true));
        var (digest, annotations) = Assert.Single(fat.EntryAnnotations);
        Assert.Equal((fat.Entries[1].Digest, "value", MediaTypes.OciIndex), (digest, annotations["key"], fat.MediaType));
    }

    [Fact]
    public async Task A_subject_and_an_artifact_type_make_an_OCI_index()
    {
        var image = await AddAsync("amd64-1", "linux/amd64", docker: true);
        var about = await Store.ResolveAsync("amd64-1", CancellationToken.None);
        var request = new JoinRequest { Subject = new JoinSubject(_layout.Name("amd64-1")), ArtifactType = "application/vnd.example+json" };
        var fat = await JoinAsync(request, image);
        var json = (await Store.GetManifestAsync(fat.Digest, CancellationToken.None)).Json;
        Assert.Equal(($"{about!.Digest}", about.Size, "application/vnd.example+json"), ((string?)json["subject"]!["digest"], (long)json["subject"]!["size"]!, (string?)json["artifactType"]));
        Assert.Equal(fat.Digest, (await JoinAsync(request with { Subject = new JoinSubject(about.Digest) }, image)).Digest);
        await Assert.ThrowsAsync<FormatConflictException>(() => JoinAsync(request with { Format = FatManifestFormat.Docker }, image));
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => JoinAsync(request with { Subject = new JoinSubject(_layout.Name("gone")) }, image));
        await Assert.ThrowsAsync<InvalidReferenceException>(() => JoinAsync(request with { Subject = new JoinSubject(_layout.Name("amd64-1", "other")) }, image));
    }

    [Fact]
    public async Task What_was_there_is_kept_under_a_tag()
    {
        var image = await AddAsync("amd64-1", "linux/amd64");
        var first = await JoinAsync(new JoinRequest(), image);
        var request = new JoinRequest { KeepPreviousAs = "rollback-{tag}-{digest}" };
        Assert.Equal("Unchanged", (await JoinAsync(request, image)).Status);
        var plan = await _layout.PlanAsync(request with { Force = true }, await AddAsync("arm64-1", "linux/arm64"), image);
        var keeping = $"rollback-1-{Digest.Parse(first.Digest).Hex[..12]}";
        Assert.Contains($"which {keeping} keeps", new PlanDescription(plan).Sentence);
        Assert.Equal(first.Digest, (await new FatManifestPublisher(NullSink.Instance, 4).PublishAsync(plan, CancellationToken.None)).PreviousDigest);
        Assert.Equal(first.Digest, $"{(await Store.ResolveAsync(keeping, CancellationToken.None))!.Digest}");
        await Assert.ThrowsAsync<InvalidReferenceException>(() => JoinAsync(request with { KeepPreviousAs = "{tag}" }, image));
        await Assert.ThrowsAsync<InvalidReferenceException>(() => JoinAsync(request with { KeepPreviousAs = "no tag" }, image));
    }

    private Oci.Stores.IImageStore Store => _layout.Stores.Open(_layout.Place());

    private Task<FatManifest> JoinAsync(JoinRequest request, params JoinSource[] sources) => _layout.JoinAsync(request, sources);

    private static JoinRequest Map(string key, string platform) =>
        new() { Platforms = new PlatformMap(new Dictionary<string, Platform> { [key] = Platform.Parse(platform) }) };

    private static JoinRequest Annotated(string platform) => new()
    {
        EntryAnnotations = new Dictionary<Platform, IReadOnlyDictionary<string, string>> { [Platform.Parse(platform)] = new Dictionary<string, string> { ["key"] = "value" } },
    };

    private async Task<JoinSource> AddAsync(string tag, string platform, bool docker = false, string? revision = null) =>
        new(await _layout.AddAsync(tag, platform, docker: docker, revision: revision));
}
