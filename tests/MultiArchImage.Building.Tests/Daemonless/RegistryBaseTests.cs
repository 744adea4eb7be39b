using MultiArchImage.Building.Daemonless;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Building.Tests.Daemonless;

public sealed class RegistryBaseTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RegistryFact]
    public async Task A_base_of_a_registry_is_fetched_once_and_carried_along()
    {
        await using var registry = await RegistryProcess.StartAsync();
        _folder.Write("context/one", "one");
        _folder.Write("context/two", "two");
        var stores = new ImageStores(new RegistryClient(new RegistryOptions(), new CredentialResolver(null), NullSink.Instance));
        var place = ImageReference.Parse($"{registry.Host}/base/image:1.0");
        var parent = await BuildAsync(stores, "FROM scratch\nCOPY one /one", place, stores.Open(place));

        var target = new LayoutStore(_folder["layout"], ImageReference.Parse("akraino/validation"));
        var dockerfile = $"FROM {place} AS base\nCOPY two /two\nFROM base\nCOPY --from={place} /one /three";
        var child = await BuildAsync(stores, dockerfile, ImageReference.Parse("akraino/validation:1.0"), target);

        var layers = ImageManifest.Parse(await target.GetManifestAsync(child.Digest!, Never)).Layers;
        Assert.Equal(3, layers.Count);
        foreach (var layer in layers)
            Assert.True(await target.HasBlobAsync(layer.Digest, Never));
        Assert.Equal(("Registry", "Layout"), (parent.Location, child.Location));
        Assert.Single(await registry.TakeRequestsAsync(), request => request.Method == "GET" && request.Path == $"/v2/base/image/blobs/{layers[0].Digest}");
        Assert.Equal("akraino/validation:1.0", $"{await target.GetIntendedNameAsync("1.0", Never)}");
    }

    private async Task<ArchImage> BuildAsync(ImageStores stores, string dockerfile, ImageReference reference, IImageStore target)
    {
        var request = new BuildRequest
        {
            Reference = reference,
            Platform = Platform.Parse("linux/arm64"),
            Dockerfile = _folder.Write("Dockerfile", dockerfile),
        };
        return await new DaemonlessBuilder(NullSink.Instance, place => stores.Open(place))
            .BuildAsync(request, new BuildContext(_folder["context"]), target, Never);
    }
}
