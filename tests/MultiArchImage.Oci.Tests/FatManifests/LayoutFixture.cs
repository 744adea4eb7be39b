using System.Text;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests;

/// <summary>A layout with images in it, and what plans and publishes fat manifests there.</summary>
internal sealed class LayoutFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LayoutFixture() => Stores = new ImageStores(new RegistryClient(new RegistryOptions(), new CredentialResolver(null), NullSink.Instance));

    public ImageStores Stores { get; }

    public ImageReference Place(string name = "layout") => ImageReference.Parse($"oci:{_folder[name]}");

    public ImageReference Name(string tag, string place = "layout") => Place(place).WithTag(tag);

    /// <summary>Puts an image of one small layer there; the salt makes images of one platform differ.</summary>
    public async Task<ImageReference> AddAsync(string tag, string platform, string place = "layout", string salt = "", bool docker = false)
    {
        var reference = Name(tag, place);
        await PutAsync(reference, platform, salt, docker, [tag]);
        return reference;
    }

    /// <summary>Puts an index of an image and its attestation there, as BuildKit does.</summary>
    public async Task<ImageReference> AddAttestedAsync(string tag, string platform)
    {
        var image = await PutAsync(Name(tag), platform, "attested", false, []);
        var attestation = await PutAsync(Name(tag), "unknown/unknown", "attestation", false, []);
        var index = ImageIndex.Create(MediaTypes.OciIndex, [
            image.ToDescriptor() with { Platform = Platform.Parse(platform) },
            attestation.ToDescriptor() with
            {
                Platform = Platform.Parse("unknown/unknown"),
                Annotations = new Dictionary<string, string>
                {
                    [Annotations.ReferenceType] = Annotations.AttestationManifest,
                    [Annotations.ReferenceDigest] = $"{image.Digest}",
                },
            },
        ]);
        await Stores.Open(Place()).PutManifestAsync(index.Document, [tag], CancellationToken.None);
        return Name(tag);
    }

    public async Task<FatManifestPlan> PlanAsync(JoinRequest request, params JoinSource[] sources)
    {
        var planned = await new FatManifestPlanner(Stores, NullSink.Instance).PlanAsync(sources, request, CancellationToken.None);
        var only = Assert.Single(planned);
        return only.Plan ?? throw only.Failure!;
    }

    public async Task<FatManifest> JoinAsync(JoinRequest request, params JoinSource[] sources) =>
        await new FatManifestPublisher(NullSink.Instance, 4).PublishAsync(await PlanAsync(request, sources), CancellationToken.None);

    public void Dispose() => _folder.Dispose();

    private async Task<Manifest> PutAsync(ImageReference reference, string platform, string salt, bool docker, IReadOnlyList<string> tags)
    {
        var store = Stores.Open(reference.Place);
        var layer = Encoding.UTF8.GetBytes($"layer of {platform} {salt}");
        var (os, architecture) = (Platform.Parse(platform).Os, Platform.Parse(platform));
        var config = Encoding.UTF8.GetBytes(new JObject
        {
            ["os"] = os,
            ["architecture"] = architecture.Architecture,
            ["variant"] = architecture.Variant,
            ["os.version"] = architecture.OsVersion,
            ["rootfs"] = new JObject { ["type"] = "layers", ["diff_ids"] = new JArray($"{Digest.Of(layer)}") },
        }.ToString());
        var image = ImageManifest.Create(
            new Descriptor(docker ? MediaTypes.DockerConfig : MediaTypes.OciConfig, Digest.Of(config), config.Length),
            [new Descriptor(docker ? MediaTypes.DockerLayerGzip : MediaTypes.OciLayerGzip, Digest.Of(layer), layer.Length)]);
        await store.PutBlobAsync(image.Config, BlobSource.FromBytes(config), CancellationToken.None);
        await store.PutBlobAsync(image.Layers[0], BlobSource.FromBytes(layer), CancellationToken.None);
        await store.PutManifestAsync(image.Document, tags, CancellationToken.None);
        return image.Document;
    }
}
