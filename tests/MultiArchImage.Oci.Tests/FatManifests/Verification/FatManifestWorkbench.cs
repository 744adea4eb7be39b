using System.Text;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests.Verification;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Executables;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests.Verification;

/// <summary>A layout, or any other place, where fat manifests are made as they should not be.</summary>
internal sealed class FatManifestWorkbench : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public FatManifestWorkbench(ImageStores? stores = null, ImageReference? place = null)
    {
        Stores = stores ?? new ImageStores(new RegistryClient(new RegistryOptions(), new CredentialResolver(null), NullSink.Instance));
        Place = place ?? ImageReference.Parse($"oci:{_folder["layout"]}");
    }

    public ImageStores Stores { get; }

    public ImageReference Place { get; }

    public IImageStore Store => Stores.Open(Place);

    /// <summary>The config of an image for a platform, to be changed before it is put.</summary>
    public static JObject Config(string platform, string layer, Action<JObject>? change = null)
    {
        var parsed = Platform.Parse(platform);
        var config = new JObject
        {
            ["created"] = "2026-05-01T00:00:00Z",
            ["architecture"] = parsed.Architecture,
            ["os"] = parsed.Os,
            ["config"] = new JObject(),
            ["rootfs"] = new JObject { ["type"] = "layers", ["diff_ids"] = new JArray($"{Digest.Of(Encoding.UTF8.GetBytes(layer))}") },
        };
        if (parsed.Variant is not null)
            config["variant"] = parsed.Variant;
        change?.Invoke(config);
        return config;
    }

    /// <summary>Puts an image of one layer with a text, and gives the entry that an index has for it.</summary>
    public Task<Descriptor> ImageAsync(string platform, string? layer = null, Action<JObject>? change = null, string? tag = null) =>
        ImageAsync(platform, [LayerSketch.Of(layer ?? $"layer of {platform}")], change, tag, layer);

    /// <summary>Puts an image of these layers, and gives the entry that an index has for it.</summary>
    public async Task<Descriptor> ImageAsync(string platform, byte[][] layers, Action<JObject>? change = null, string? tag = null, string? content = null)
    {
        var config = await BlobAsync(MediaTypes.OciConfig, Config(platform, content ?? $"layer of {platform}", change).ToString());
        var image = ImageManifest.Create(config, await Task.WhenAll(layers.Select(layer => BlobAsync(MediaTypes.OciLayerGzip, layer))));
        await Store.PutManifestAsync(image.Document, tag is null ? [] : [tag], CancellationToken.None);
        return image.Document.ToDescriptor() with { Platform = Platform.Parse(platform) };
    }

    /// <summary>Puts a manifest that attests an image.</summary>
    public async Task<Descriptor> AttestationAsync(Digest about) => await ImageAsync("unknown/unknown", $"attestation of {about}") with
    {
        Annotations = new Dictionary<string, string>
        {
            [Annotations.ReferenceType] = Annotations.AttestationManifest,
            [Annotations.ReferenceDigest] = $"{about}",
        },
    };

    /// <summary>Puts an index of these entries under a tag.</summary>
    public async Task<Manifest> IndexAsync(string tag, params Descriptor[] entries)
    {
        var index = ImageIndex.Create(MediaTypes.OciIndex, entries).Document;
        await Store.PutManifestAsync(index, [tag], CancellationToken.None);
        return index;
    }

    /// <summary>Puts any document there as a manifest, under a tag or under their digest alone, as a store that checks nothing would.</summary>
    public async Task PutRawAsync(string? tag, byte[] bytes)
    {
        if (!Place.IsFile)
        {
            await Store.PutManifestAsync(new Manifest(null, bytes), tag is null ? [] : [tag], CancellationToken.None);
            return;
        }
        var digest = Digest.Of(bytes);
        await File.WriteAllBytesAsync(FileOf(digest), bytes);
        if (tag is null)
            return;
        var path = Path.Combine(Place.Path, "index.json");
        var index = JObject.Parse(await File.ReadAllTextAsync(path));
        ((JArray)index["manifests"]!).Add(new JObject
        {
            ["mediaType"] = MediaTypes.OciIndex,
            ["digest"] = $"{digest}",
            ["size"] = bytes.Length,
            ["annotations"] = new JObject { [Annotations.RefName] = tag },
        });
        await File.WriteAllTextAsync(path, index.ToString());
    }

    /// <summary>Tests the fat manifest under a tag and gives the findings.</summary>
    public Task<IReadOnlyList<FatManifestFinding>> FindAsync(string tag, VerificationRequest? request = null) =>
        new FatManifestVerifier(Stores, request ?? new(), new Clock()).VerifyAsync(Place.WithTag(tag), CancellationToken.None);

    /// <summary>The file of a blob or manifest of the layout.</summary>
    public string FileOf(Digest digest) => Path.Combine(Place.Path, "blobs", digest.Algorithm, digest.Hex);

    public Task<Descriptor> BlobAsync(string mediaType, string text) => BlobAsync(mediaType, Encoding.UTF8.GetBytes(text));

    public async Task<Descriptor> BlobAsync(string mediaType, byte[] bytes)
    {
        var blob = new Descriptor(mediaType, Digest.Of(bytes), bytes.Length);
        await Store.PutBlobAsync(blob, BlobSource.FromBytes(bytes), CancellationToken.None);
        return blob;
    }

    public void Dispose() => _folder.Dispose();

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
