using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests.OddDocuments;

/// <summary>Fat manifests that nobody should make, and somebody did, each under its name as tag.</summary>
internal static class OddDocument
{
    /// <summary>What makes each: the name, and how the two entries of a right index are spoiled.</summary>
    private static readonly Dictionary<string, Func<FatManifestWorkbench, JObject, Task>> Spoilers = new()
    {
        ["entry-without-platform"] = (_, index) => Do(() => Second(index).Remove("platform")),
        ["platform-half-stated"] = (_, index) => Do(() => ((JObject)Second(index)["platform"]!).Remove("architecture")),
        ["platform-that-is-none"] = (_, index) => Do(() => Second(index)["platform"]!["architecture"] = "no such"),
        ["entry-of-unknown-type"] = async (bench, index) => await ReplaceAsync(bench, index, new Manifest(null, """{"mediaType":"application/vnd.example+json"}"""u8.ToArray())),
        ["type-that-lies"] = (_, index) => Do(() => Second(index)["mediaType"] = "application/vnd.example+json"),
        ["same-entry-twice"] = (_, index) => Do(() => Entries(index).Add(Second(index).DeepClone())),
        ["one-image-for-two"] = (_, index) => Do(() => Second(index)["digest"] = Entries(index)[0]["digest"]),
        ["two-images-for-one"] = (_, index) => Do(() => Second(index)["platform"] = Entries(index)[0]["platform"]),
        ["schema1-entry"] = async (bench, index) => await ReplaceAsync(bench, index, new Manifest(null, Schema1)),
        ["artifact-entry"] = async (bench, index) => await ReplaceAsync(bench, index, (await ChartAsync(bench)).Document, null),
        ["nested-index"] = async (bench, index) => await ReplaceAsync(bench, index, new Manifest(null, Json.ToBytes(index)), null),
        ["nested-index-in-disguise"] = async (bench, index) =>
        {
            await ReplaceAsync(bench, index, new Manifest(null, Json.ToBytes(index)));
            Second(index)["mediaType"] = MediaTypes.OciManifest;
        },
        ["data-and-urls"] = (_, index) => Do(() => (Second(index)["data"], Second(index)["urls"]) = ("bm9uZQ==", new JArray("https://example.invalid/x"))),
        ["size-that-lies"] = (_, index) => Do(() => Second(index)["size"] = 7),
        ["size-below-zero"] = (_, index) => Do(() => Second(index)["size"] = -1),
        ["size-beyond-all"] = (_, index) => Do(() => Second(index)["size"] = new JValue(System.Numerics.BigInteger.Pow(2, 70))),
        ["size-of-layers-beyond-all"] = async (bench, index) => await ReplaceAsync(bench, index, await HugeAsync(bench)),
        ["digest-of-unknown-algorithm"] = (_, index) => Do(() => Second(index)["digest"] = "blake3:00"),
        ["entries-that-are-none"] = (_, index) => Do(() => Entries(index).Add("text")),
        ["no-entries-field"] = (_, index) => Do(() => index.Remove("manifests")),
        ["schema-version-of-text"] = (_, index) => Do(() => (index["schemaVersion"], index["mediaType"]) = ("two", null)),
        ["index-and-image-at-once"] = (_, index) => Do(() => (index["config"], index["layers"]) = (Entries(index)[0].DeepClone(), new JArray())),
        ["foreign-layers"] = async (bench, index) => await ReplaceAsync(bench, index, await ForeignAsync(bench)),
        ["megabytes-of-annotations"] = (_, index) => Do(() => index["annotations"] = new JObject { ["a"] = new string('x', 10_000_000) }),
        ["ten-thousand-entries"] = (_, index) => Do(() =>
        {
            var first = (JObject)Entries(index)[0];
            for (var count = 2; count < 10_000; count++)
                Entries(index).Add(first.DeepClone());
        }),
    };

    private static readonly byte[] Schema1 =
        """{"schemaVersion":1,"name":"old","tag":"1","architecture":"arm64","fsLayers":[],"history":[]}"""u8.ToArray();

    public static IEnumerable<string> Names => Spoilers.Keys;

    /// <summary>Puts a document under its name, in a place that checks nothing.</summary>
    public static async Task PutAsync(FatManifestWorkbench bench, string name)
    {
        var entries = new[] { await bench.ImageAsync("linux/amd64"), await bench.ImageAsync("linux/arm64") };
        var index = (JObject)ImageIndex.Create(MediaTypes.OciIndex, entries).Document.Json.DeepClone();
        await Spoilers[name](bench, index);
        await bench.PutRawAsync(name, Json.ToBytes(index));
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static JArray Entries(JObject index) => (JArray)index["manifests"]!;

    private static JObject Second(JObject index) => (JObject)Entries(index)[1];

    private static Task ReplaceAsync(FatManifestWorkbench bench, JObject index, Manifest document) =>
        ReplaceAsync(bench, index, document, Platform.Parse("linux/arm64"));

    private static async Task ReplaceAsync(FatManifestWorkbench bench, JObject index, Manifest document, Platform? platform)
    {
        await bench.PutRawAsync(null, document.Bytes.ToArray());
        Second(index).Replace((document.ToDescriptor() with { Platform = platform }).ToJson());
    }

    // What `helm push` makes.
    private static async Task<ImageManifest> ChartAsync(FatManifestWorkbench bench) => ImageManifest.Create(
        await bench.BlobAsync("application/vnd.cncf.helm.config.v1+json", """{"name":"chart"}"""), [await bench.BlobAsync("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "chart")]);

    private static async Task<Manifest> HugeAsync(FatManifestWorkbench bench)
    {
        var config = await bench.BlobAsync(MediaTypes.OciConfig, FatManifestWorkbench.Config("linux/arm64", "huge").ToString());
        var layer = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(Encoding.UTF8.GetBytes("huge")), long.MaxValue);
        return ImageManifest.Create(config, [layer, layer]).Document;
    }

    private static async Task<Manifest> ForeignAsync(FatManifestWorkbench bench)
    {
        var config = await bench.BlobAsync(MediaTypes.OciConfig, FatManifestWorkbench.Config("linux/arm64", "foreign").ToString());
        return ImageManifest.Create(config, [
            new Descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest.Of("elsewhere"u8), 9) { Urls = ["https://example.invalid/layer"] },
            await bench.BlobAsync(MediaTypes.OciLayerGzip, Executables.LayerSketch.Of("own")),
        ]).Document;
    }
}
