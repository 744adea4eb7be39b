using MultiArchImage.Oci.FatManifests.Verification;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests.Verification;

/// <summary>Each thing that can be wrong with a fat manifest is found, and only it.</summary>
public sealed class FindingTests : IDisposable
{
    private static readonly VerificationRequest Deep = new() { Deep = true };

    private readonly FatManifestWorkbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_whole_and_true_one_has_none()
    {
        var amd64 = await _bench.ImageAsync("linux/amd64");
        await _bench.IndexAsync("good", amd64, await _bench.ImageAsync("linux/arm64"), await _bench.AttestationAsync(amd64.Digest));
        Assert.Empty(await _bench.FindAsync("good", Deep));
    }

    [Fact]
    public async Task A_name_that_is_not_there()
    {
        Assert.Equal("NotFound", await CodeAsync("nowhere"));
        await _bench.ImageAsync("linux/amd64", tag: "there");
        Assert.Equal("NotFound", await CodeAsync("nowhere"));
    }

    [Fact]
    public async Task A_single_image()
    {
        await _bench.ImageAsync("linux/amd64", tag: "single");
        Assert.Equal("NotFatManifest", await CodeAsync("single"));
    }

    [Fact]
    public async Task An_index_of_nothing()
    {
        await _bench.IndexAsync("nothing");
        Assert.Equal("Empty", await CodeAsync("nothing"));
    }

    [Fact]
    public async Task An_entry_that_is_gone()
    {
        var (arm64, _) = await TwoAsync();
        File.Delete(_bench.FileOf(arm64.Digest));
        var finding = Assert.Single(await _bench.FindAsync("two"));
        Assert.Equal(("EntryMissing", "linux/arm64", $"{arm64.Digest}", "Error"), (finding.Code, finding.Platform, finding.Digest, finding.Severity));
    }

    [Fact]
    public async Task An_entry_that_was_damaged()
    {
        var (arm64, _) = await TwoAsync();
        await File.AppendAllTextAsync(_bench.FileOf(arm64.Digest), " ", TestContext.Current.CancellationToken);
        Assert.Equal("EntryDigestWrong", await CodeAsync("two"));
    }

    [Fact]
    public async Task An_entry_that_says_a_wrong_size()
    {
        var amd64 = await _bench.ImageAsync("linux/amd64");
        await _bench.IndexAsync("size", amd64 with { Size = amd64.Size + 1 });
        Assert.Equal("EntrySizeWrong", await CodeAsync("size"));
        await _bench.IndexAsync("attested", amd64, await _bench.AttestationAsync(amd64.Digest) with { Size = 1 });
        Assert.Equal("EntrySizeWrong", await CodeAsync("attested"));
    }

    [Fact]
    public async Task An_index_within_an_index()
    {
        await TwoAsync();
        var nested = (await _bench.Store.GetManifestAsync("two", TestContext.Current.CancellationToken)).ToDescriptor();
        await _bench.IndexAsync("outer", nested);
        Assert.Equal("NestedIndex", await CodeAsync("outer"));
        await _bench.IndexAsync("disguised", nested with { MediaType = MediaTypes.OciManifest });
        Assert.Equal("NestedIndex", await CodeAsync("disguised"));
    }

    [Fact]
    public async Task An_entry_of_an_unknown_type_is_no_error()
    {
        var unknown = await _bench.BlobAsync("application/vnd.example.thing+json", """{"schemaVersion":2,"mediaType":"application/vnd.example.thing+json"}""");
        await _bench.IndexAsync("odd", await _bench.ImageAsync("linux/amd64"), unknown);
        var finding = Assert.Single(await _bench.FindAsync("odd"));
        Assert.Equal(("NotImage", "Warning"), (finding.Code, finding.Severity));
        Assert.True(FatManifestVerifier.Passes([finding]));
    }

    [Fact]
    public async Task An_artifact_needs_no_platform()
    {
        var artifact = ImageManifest.Create(await _bench.BlobAsync(MediaTypes.OciEmpty, "{}"), []).Document;
        await _bench.Store.PutManifestAsync(artifact, [], TestContext.Current.CancellationToken);
        await _bench.IndexAsync("artifact", artifact.ToDescriptor());
        Assert.Equal("NotImage", await CodeAsync("artifact"));
    }

    [Fact]
    public async Task An_entry_without_platform()
    {
        await _bench.IndexAsync("none", await _bench.ImageAsync("linux/amd64") with { Platform = null });
        Assert.Equal("PlatformMissing", await CodeAsync("none"));
    }

    [Theory]
    [InlineData("linux/arm64", "linux/amd64")]
    [InlineData("windows/amd64", "linux/amd64")]
    [InlineData("linux/arm/v6", "linux/arm/v7")]
    public async Task An_entry_whose_config_says_another_platform(string stated, string actual)
    {
        await _bench.IndexAsync("lie", await _bench.ImageAsync(actual) with { Platform = Platform.Parse(stated) });
        Assert.Equal("PlatformUntrue", await CodeAsync("lie"));
    }

    [Theory]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("linux/arm/v6", "linux/arm")]
    [InlineData("windows(10.0.17763.1)/amd64", "windows/amd64")]
    public async Task An_entry_may_say_more_than_the_config(string stated, string actual)
    {
        await _bench.IndexAsync("more", await _bench.ImageAsync(actual) with { Platform = Platform.Parse(stated) });
        Assert.Empty(await _bench.FindAsync("more"));
    }

    [Fact]
    public async Task A_platform_twice()
    {
        var (one, two) = (await _bench.ImageAsync("linux/arm64"), await _bench.ImageAsync("linux/arm64/v8"));
        await _bench.IndexAsync("twice", one, two);
        Assert.Equal("PlatformTwice", await CodeAsync("twice"));
        await _bench.IndexAsync("same", one, one);
        Assert.Equal("PlatformTwice", await CodeAsync("same"));
    }

    [Fact]
    public async Task An_unknown_platform_that_is_no_attestation()
    {
        await _bench.IndexAsync("unknown", await _bench.ImageAsync("unknown/unknown"), await _bench.ImageAsync("linux/amd64"));
        Assert.Equal("UnknownPlatform", await CodeAsync("unknown"));
    }

    [Fact]
    public async Task An_attestation_whose_image_is_gone()
    {
        await _bench.IndexAsync("orphan", await _bench.ImageAsync("linux/amd64"), await _bench.AttestationAsync(Digest.Of("other"u8)));
        Assert.Equal("AttestationOrphan", await CodeAsync("orphan"));
    }

    [Fact]
    public async Task A_layer_that_is_gone_is_found_by_a_deep_look()
    {
        var (arm64, _) = await TwoAsync();
        var image = ImageManifest.Parse(await _bench.Store.GetManifestAsync($"{arm64.Digest}", TestContext.Current.CancellationToken));
        File.Delete(_bench.FileOf(image.Layers[0].Digest));
        Assert.Empty(await _bench.FindAsync("two"));
        Assert.Equal("BlobMissing", await CodeAsync("two", Deep));
    }

    [Fact]
    public async Task A_config_that_is_gone_or_damaged_is_found_once()
    {
        var (arm64, _) = await TwoAsync();
        var config = _bench.FileOf(ImageManifest.Parse(await _bench.Store.GetManifestAsync($"{arm64.Digest}", TestContext.Current.CancellationToken)).Config.Digest);
        await File.AppendAllTextAsync(config, " ", TestContext.Current.CancellationToken);
        Assert.Equal("Unreadable", await CodeAsync("two"));
        File.Delete(config);
        Assert.Equal("BlobMissing", await CodeAsync("two"));
        Assert.Equal("BlobMissing", await CodeAsync("two", Deep));
    }

    [Fact]
    public async Task A_config_without_platform()
    {
        await _bench.IndexAsync("mute", await _bench.ImageAsync("linux/amd64", change: config => config.Remove("os")));
        Assert.Equal("Unreadable", await CodeAsync("mute"));
    }

    [Fact]
    public async Task Two_platforms_with_the_same_layers()
    {
        await _bench.IndexAsync("layers", await _bench.ImageAsync("linux/amd64", "one"), await _bench.ImageAsync("linux/arm64", "one"));
        Assert.Empty(await _bench.FindAsync("layers"));
        Assert.Equal("SameLayers", await CodeAsync("layers", Deep));
    }

    [Fact]
    public async Task A_required_platform_that_is_missing()
    {
        await TwoAsync();
        var request = new VerificationRequest { RequiredPlatforms = [Platform.Parse("linux/arm64/v8"), Platform.Parse("linux/s390x")] };
        var finding = Assert.Single(await _bench.FindAsync("two", request));
        Assert.Equal(("RequiredPlatformMissing", "linux/s390x"), (finding.Code, finding.Platform));
    }

    [Theory]
    [InlineData("Revision", Annotations.Revision)]
    [InlineData("version", Annotations.Version)]
    [InlineData("com.example.build", "com.example.build")]
    public async Task Images_of_different_builds(string name, string label)
    {
        var request = new VerificationRequest { SameLabels = [name] };
        await _bench.IndexAsync("same", await LabelledAsync("linux/amd64", label, "7"), await LabelledAsync("linux/arm64", label, "7"));
        Assert.Empty(await _bench.FindAsync("same", request));
        await _bench.IndexAsync("differ", await LabelledAsync("linux/amd64", label, "7"), await LabelledAsync("linux/arm64", label, "8"));
        Assert.Equal("BuildsDiffer", await CodeAsync("differ", request));
        await _bench.IndexAsync("absent", await _bench.ImageAsync("linux/amd64"), await _bench.ImageAsync("linux/arm64"));
        Assert.Equal("BuildsDiffer", await CodeAsync("absent", request));
    }

    [Fact]
    public async Task An_image_that_is_too_old_or_of_unknown_age()
    {
        await TwoAsync();
        Assert.Empty(await _bench.FindAsync("two", new VerificationRequest { MaximumAge = TimeSpan.FromHours(12) }));
        Assert.Equal(["TooOld", "TooOld"], await CodesAsync("two", new VerificationRequest { MaximumAge = TimeSpan.FromHours(11) }));
        await _bench.IndexAsync("ageless", await _bench.ImageAsync("linux/amd64", change: config => config.Remove("created")));
        Assert.Equal("TooOld", await CodeAsync("ageless", new VerificationRequest { MaximumAge = TimeSpan.FromHours(12) }));
    }

    [Fact]
    public async Task An_image_that_is_too_large()
    {
        await _bench.IndexAsync("large", await _bench.ImageAsync("linux/amd64"), await _bench.ImageAsync("linux/arm64", change: config => config["comment"] = new string('x', 5000)));
        var finding = Assert.Single(await _bench.FindAsync("large", new VerificationRequest { MaximumSize = 5000 }));
        Assert.Equal(("TooLarge", "linux/arm64"), (finding.Code, finding.Platform));
    }

    [Theory]
    [InlineData("k8s-{arch}-latest")]
    [InlineData("k8s-latest")]
    public async Task An_architecture_that_was_pushed_since(string template)
    {
        var request = new VerificationRequest { Template = template };
        await _bench.IndexAsync(
            "k8s-latest", await _bench.ImageAsync("linux/amd64", tag: "k8s-amd64-latest"), await _bench.ImageAsync("linux/arm64", tag: "k8s-arm64-latest"));
        Assert.Empty(await _bench.FindAsync("k8s-latest", request));
        await _bench.ImageAsync("linux/arm64", "newer", tag: "k8s-arm64-latest");
        var finding = Assert.Single(await _bench.FindAsync("k8s-latest", request));
        Assert.Equal(("Stale", "linux/arm64"), (finding.Code, finding.Platform));
        Assert.Empty(await _bench.FindAsync("k8s-latest"));
    }

    [Fact]
    public async Task An_architecture_whose_tag_is_gone_or_holds_an_attested_image()
    {
        var (amd64, arm64) = (await _bench.ImageAsync("linux/amd64"), await _bench.ImageAsync("linux/arm64"));
        await _bench.IndexAsync("latest", amd64, arm64);
        await _bench.IndexAsync("amd64-latest", amd64, await _bench.AttestationAsync(amd64.Digest));
        var finding = Assert.Single(await _bench.FindAsync("latest", new VerificationRequest { Template = "{arch}-latest" }));
        Assert.Equal(("ArchTagMissing", "linux/arm64", "Warning"), (finding.Code, finding.Platform, finding.Severity));
    }

    [Fact]
    public async Task A_damaged_or_malformed_index()
    {
        var malformed = new Manifest(MediaTypes.OciIndex, Json.ToBytes(new JObject { ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JArray(new JObject()) }));
        await _bench.Store.PutManifestAsync(malformed, ["malformed"], TestContext.Current.CancellationToken);
        Assert.Equal("Unreadable", await CodeAsync("malformed"));
        await TwoAsync();
        var index = await _bench.Store.ResolveAsync("two", TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(_bench.FileOf(index!.Digest), " ", TestContext.Current.CancellationToken);
        Assert.Equal("Unreadable", await CodeAsync("two"));
    }

    [Fact]
    [Needs(Part.Speed)]
    public async Task Five_thousand_entries()
    {
        var one = await _bench.ImageAsync("linux/amd64");
        await _bench.IndexAsync("shared", Many(number => one with { Platform = Platform.Create("linux", "arm64", $"v{number}") }));
        Assert.Equal(5000, (await CodesAsync("shared")).Count(code => code == "PlatformUntrue"));
        await _bench.IndexAsync("gone", Many(number => one with { Digest = Digest.Of(BitConverter.GetBytes(number)), Platform = Platform.Create("linux", "arm64", $"v{number}") }));
        Assert.Equal(5000, (await CodesAsync("gone")).Count(code => code == "EntryMissing"));
    }

    private static Descriptor[] Many(Func<int, Descriptor> entry) => [.. Enumerable.Range(0, 5000).Select(entry)];

    private async Task<(Descriptor Arm64, Manifest Index)> TwoAsync()
    {
        var arm64 = await _bench.ImageAsync("linux/arm64");
        return (arm64, await _bench.IndexAsync("two", await _bench.ImageAsync("linux/amd64"), arm64));
    }

    private Task<Descriptor> LabelledAsync(string platform, string label, string value) =>
        _bench.ImageAsync(platform, change: config => config["config"]!["Labels"] = new JObject { [label] = value });

    private async Task<string> CodeAsync(string tag, VerificationRequest? request = null) => Assert.Single(await CodesAsync(tag, request));

    private async Task<IReadOnlyList<string>> CodesAsync(string tag, VerificationRequest? request = null) =>
        [.. (await _bench.FindAsync(tag, request)).Select(finding => finding.Code)];
}
