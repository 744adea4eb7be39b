using System.Text;
using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Model;

public sealed class DocumentTests
{
    private static readonly Digest First = Digest.Of("first"u8);
    private static readonly Digest Second = Digest.Of("second"u8);

    [Fact]
    public void A_manifest_keeps_the_bytes_that_came()
    {
        var bytes = Encoding.UTF8.GetBytes("{ \"schemaVersion\": 2,\n \"mediaType\": \"" + MediaTypes.OciIndex + "\", \"manifests\": [] }");
        var manifest = new Manifest(null, bytes);
        Assert.Equal(bytes, manifest.Bytes.ToArray());
        Assert.Equal(Digest.Of(bytes), manifest.Digest);
        Assert.True(manifest.IsIndex);
    }

    [Theory]
    [InlineData("{\"manifests\":[]}", MediaTypes.OciIndex)]
    [InlineData("{\"config\":{},\"layers\":[]}", MediaTypes.OciManifest)]
    [InlineData("{\"schemaVersion\":1,\"fsLayers\":[]}", MediaTypes.DockerSchema1Signed)]
    public void A_manifest_without_media_type_is_known_by_its_shape(string json, string mediaType) =>
        Assert.Equal(mediaType, new Manifest("text/plain", Encoding.UTF8.GetBytes(json)).MediaType);

    [Theory]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("{")]
    public void What_is_no_object_is_refused(string json) =>
        Assert.Throws<InvalidImageException>(() => new Manifest(null, Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_manifest_over_the_limit_is_refused() =>
        Assert.Throws<InvalidImageException>(() => new Manifest(null, new byte[OciLimits.ManifestSize + 1]));

    [Fact]
    public void JSON_nested_too_deep_is_refused() =>
        Assert.Throws<InvalidImageException>(() => new Manifest(null, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 5000)))));

    [Fact]
    public void Unknown_fields_of_a_descriptor_and_its_platform_survive()
    {
        var json = JObject.Parse($$$"""
            {"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{First}}}","size":7,"data":"e30=",
             "platform":{"architecture":"arm64","os":"linux","features":["sse4"],"variant":"v8"}}
            """);
        Assert.True(JToken.DeepEquals(json, Descriptor.FromJson(json, "test").ToJson()));
    }

    [Theory]
    [InlineData("""{"digest":"sha256:zz","size":1}""")]
    [InlineData("""{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":-1}""")]
    [InlineData("""{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":"1"}""")]
    [InlineData("""{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":99999999999999999999999}""")]
    public void A_malformed_descriptor_is_refused(string json) =>
        Assert.Throws<InvalidImageException>(() => Descriptor.FromJson(JObject.Parse(json), "test"));

    [Fact]
    public void An_index_does_not_depend_on_the_order_of_arrival()
    {
        var entries = new[] { Entry("linux/arm64", First), Entry("linux/amd64", Second), Attestation(First) };
        var one = ImageIndex.Create(MediaTypes.OciIndex, entries, new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" });
        var other = ImageIndex.Create(MediaTypes.OciIndex, entries.Reverse(), new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" });
        Assert.Equal(one.Digest, other.Digest);
        Assert.Equal(["linux/amd64", "linux/arm64"], one.Images.Select(entry => $"{entry.Platform}"));
    }

    [Fact]
    public void An_attestation_follows_its_image()
    {
        var index = ImageIndex.Create(MediaTypes.OciIndex, [Attestation(Second), Entry("linux/arm64", First), Entry("linux/amd64", Second)]);
        Assert.Equal([Second, Second, First], index.Entries.Select(entry => entry.AttestedDigest ?? entry.Digest));
        Assert.True(index.Entries[1].IsAttestation);
    }

    [Fact]
    public void An_index_is_read_as_it_was_written()
    {
        var index = ImageIndex.Create(MediaTypes.DockerList, [Entry("windows(10.0.17763.1+win32k)/amd64", First), Entry("linux/arm/v7", Second)]);
        Assert.Equal(index.Entries, ImageIndex.Parse(new Manifest(null, index.Document.Bytes)).Entries);
    }

    [Fact]
    public void A_machine_finds_its_entry_by_exact_variant_first()
    {
        var index = ImageIndex.Create(MediaTypes.OciIndex, [Entry("linux/arm64/v8", First), Entry("linux/arm64", Second)]);
        Assert.Equal(Second, index.Find(Platform.Parse("linux/arm64"))!.Digest);
        Assert.Equal(First, index.Find(Platform.Parse("linux/arm64/v8"))!.Digest);
        Assert.Null(index.Find(Platform.Parse("linux/s390x")));
    }

    private static Descriptor Entry(string platform, Digest digest) =>
        new(MediaTypes.OciManifest, digest, 7) { Platform = Platform.Parse(platform) };

    private static Descriptor Attestation(Digest image) => new(MediaTypes.OciManifest, Digest.Of(Encoding.UTF8.GetBytes($"{image}")), 9)
    {
        Platform = Platform.Parse("unknown/unknown"),
        Annotations = new Dictionary<string, string>
        {
            [Annotations.ReferenceType] = Annotations.AttestationManifest,
            [Annotations.ReferenceDigest] = $"{image}",
        },
    };
}
