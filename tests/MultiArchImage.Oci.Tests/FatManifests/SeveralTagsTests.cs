using System.Collections.Concurrent;
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
        Assert.Equal([$"{fat.Digest}?tag=1&tag=1.0", "1", "1.0"], puts);
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
        Assert.Empty(failure.Left);
        Assert.Contains("put back to what they held: new, 1; no tag holds the new fat manifest", failure.Message);
        Assert.Null(await Store.ResolveAsync("new", CancellationToken.None));
        Assert.Equal(old.Digest, $"{(await Store.ResolveAsync("1", CancellationToken.None))!.Digest}");
        Assert.Null(await Store.ResolveAsync("last", CancellationToken.None));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_tag_that_held_nothing_is_left_where_the_registry_lets_nobody_delete()
    {
        await using var strict = await RegistryProcess.StartAsync(canDelete: false);
        await using var proxy = new RefusingProxy(strict.Host, request => request == "PUT /v2/team/app/manifests/bad" ? 403 : null);
        var place = ImageReference.Parse($"{proxy.Host}/team/app");
        await new SampleImage("one").PutAsync(_stores.Open(ImageReference.Parse($"{strict.Host}/team/app")), "amd64-x");
        var failure = await Assert.ThrowsAsync<TagsPartlyMovedException>(() => JoinAsync(place.WithTag("amd64-x"), "new", "bad"));
        Assert.Equal(["new"], failure.Left);
        Assert.IsType<RegistryDeniedException>(failure.InnerException);
        Assert.NotNull(await _stores.Open(place).ResolveAsync("new", CancellationToken.None));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task The_tags_are_asked_for_with_the_document_and_put_one_by_one_where_the_answer_names_none()
    {
        var asked = new ConcurrentQueue<string>();
        await using var proxy = new RefusingProxy(_registry!.Host, request =>
        {
            asked.Enqueue(request);
            return null;
        });
        await new SampleImage("one").PutAsync(Store, "amd64-x");
        var fat = await JoinAsync(ImageReference.Parse($"{proxy.Host}/team/app:amd64-x"), "1", "1.0");
        Assert.Equal(
            [$"PUT /v2/team/app/manifests/{fat.Digest}?tag=1&tag=1.0", "PUT /v2/team/app/manifests/1", "PUT /v2/team/app/manifests/1.0"],
            asked.Where(request => request.StartsWith("PUT", StringComparison.Ordinal)));
        Assert.Equal(fat.Digest, $"{(await Store.ResolveAsync("1.0", CancellationToken.None))!.Digest}");
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task Several_names_in_several_registries_get_it_all_or_none()
    {
        await using var other = await RegistryProcess.StartAsync();
        await using var proxy = new RefusingProxy(other.Host, request => request == "PUT /v2/mirror/app/manifests/bad" ? 403 : null);
        await new SampleImage("one").PutAsync(Store, "amd64-x");
        var old = await JoinAsync("amd64-x", "1");
        await new SampleImage("two").PutAsync(Store, "amd64-x");
        ImageReference[] good = [Place.WithTag("1"), Place.WithTag("new"), ImageReference.Parse($"{proxy.Host}/mirror/app:1")];
        var failure = await Assert.ThrowsAsync<NamesPartlyMovedException>(() => JoinAsync([.. good, ImageReference.Parse($"{proxy.Host}/mirror/app:bad")]));
        Assert.Empty(failure.Left);
        Assert.Contains("no name was moved", failure.Message);
        Assert.Equal(old.Digest, $"{(await Store.ResolveAsync("1", CancellationToken.None))!.Digest}");
        Assert.Null(await Store.ResolveAsync("new", CancellationToken.None));
        Assert.Null(await _stores.Open(good[2].Place).ResolveAsync("1", CancellationToken.None));
        var published = await JoinAsync(good);
        Assert.Equal(["Updated", "Created", "Created"], published.Select(fat => fat.Status));
        foreach (var name in good)
            Assert.Equal(published[0].Digest, $"{(await _stores.Open(name.Place).ResolveAsync(name.Tag!, CancellationToken.None))!.Digest}");
    }

    private async Task<IReadOnlyList<FatManifest>> JoinAsync(ImageReference[] names)
    {
        var request = new JoinRequest { Name = names[0], OtherNames = names[1..] };
        var planned = await new FatManifestPlanner(_stores, NullSink.Instance).PlanAsync([new JoinSource(Place.WithTag("amd64-x"))], request, CancellationToken.None);
        return await new FatManifestPublisher(NullSink.Instance, 4).PublishAsync([.. planned.Select(one => one.Plan!)], CancellationToken.None);
    }

    private ImageReference Place => ImageReference.Parse($"{_registry!.Host}/team/app");

    private IImageStore Store => _stores.Open(Place);

    private Task<FatManifest> JoinAsync(string image, params string[] tags) => JoinAsync(Place.WithTag(image), tags);

    private async Task<FatManifest> JoinAsync(ImageReference image, params string[] tags)
    {
        var planner = new FatManifestPlanner(_stores, NullSink.Instance);
        var planned = await planner.PlanAsync([new JoinSource(image)], new JoinRequest { Tags = tags }, CancellationToken.None);
        return await new FatManifestPublisher(NullSink.Instance, 4).PublishAsync(planned.Single().Plan!, CancellationToken.None);
    }
}
