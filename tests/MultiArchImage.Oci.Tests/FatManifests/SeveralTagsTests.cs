using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.FatManifests;

public sealed class SeveralTagsTests : IAsyncLifetime
{
    private readonly ImageStores _stores = new(new RegistryClient(
        new RegistryOptions { WillPush = true, MaximumRetryCount = 0 }, new CredentialResolver(null), NullSink.Instance));

    private RegistryProcess? _registry;

    public async ValueTask InitializeAsync() => _registry = Requirements.HasRegistry ? await RegistryProcess.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
    }

    [RegistryFact]
    public async Task The_document_goes_there_by_digest_and_the_tags_follow()
    {
        await new SampleImage("one").PutAsync(Store, "amd64-x");
        await _registry!.TakeRequestsAsync();
        var fat = await JoinAsync("amd64-x", "1", "1.0");
        var puts = (await _registry.TakeRequestsAsync()).Where(request => request.Method == "PUT").Select(request => request.Path.Split('/')[^1]);
        Assert.Equal([fat.Digest, "1", "1.0"], puts);
    }

    [RegistryFact]
    public async Task Tags_that_moved_are_put_back_when_one_cannot_move()
    {
        await new SampleImage("one").PutAsync(Store, "amd64-x");
        var old = await JoinAsync("amd64-x", "1");
        await new SampleImage("two").PutAsync(Store, "amd64-x");
        // A file where the registry wants a folder: it can read that the tag is not there, and cannot write it.
        File.WriteAllText(Directory.CreateDirectory(Path.Combine(
            _registry!.Storage, "docker/registry/v2/repositories/team/app/_manifests/tags/bad")).FullName + "/index", "");
        var failure = await Assert.ThrowsAsync<TagsPartlyMovedException>(() => JoinAsync("amd64-x", "1", "new", "bad", "last"));
        Assert.Equal(["new"], failure.Left);
        Assert.Contains("put back to what they held: 1; still at the new content: new", failure.Message);
        Assert.Equal(old.Digest, $"{(await Store.ResolveAsync("1", CancellationToken.None))!.Digest}");
        Assert.Null(await Store.ResolveAsync("last", CancellationToken.None));
    }

    private ImageReference Place => ImageReference.Parse($"{_registry!.Host}/team/app");

    private IImageStore Store => _stores.Open(Place);

    private async Task<FatManifest> JoinAsync(string image, params string[] tags)
    {
        var planner = new FatManifestPlanner(_stores, NullSink.Instance);
        var planned = await planner.PlanAsync([new JoinSource(Place.WithTag(image))], new JoinRequest { Tags = tags }, CancellationToken.None);
        return await new FatManifestPublisher(NullSink.Instance, 4).PublishAsync(planned.Single().Plan!, CancellationToken.None);
    }
}
