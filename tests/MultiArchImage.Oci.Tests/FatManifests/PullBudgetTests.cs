using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.FatManifests;

/// <summary>A registry that counts pulls: docker-registry behind a proxy that does, for it has no such limit itself.</summary>
[Needs(Part.HttpListener)]
public sealed class PullBudgetTests : IAsyncLifetime
{
    private readonly RegistryFixture _fixture = new();
    private RegistryProcess? _registry;

    public async ValueTask InitializeAsync() => _registry = Requirements.HasRegistry ? await RegistryProcess.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _fixture.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [RegistryFact]
    public async Task What_needs_more_pulls_than_are_left_is_refused_before_anything_is_pushed()
    {
        await using var proxy = new CountingProxy(_registry!.Host, limit: 1);
        var failure = await Assert.ThrowsAsync<PullBudgetException>(() => JoinAsync(proxy.Host));
        Assert.Equal(FailureKind.LimitReached, failure.Kind);
        Assert.Contains("lets 1 more manifests be read (its limit is 1 in 6 h), and this needs 2; nothing was pushed", failure.Message);
        Assert.DoesNotContain(await _registry.TakeRequestsAsync(), request => request.Method is "PUT" or "POST");
    }

    [RegistryFact]
    public async Task What_the_budget_allows_is_done()
    {
        await using var proxy = new CountingProxy(_registry!.Host, limit: 2);
        Assert.Equal(2, (await JoinAsync(proxy.Host)).Entries.Count);
    }

    // Images that another job described: only HEADs look at them, and all that is read of them is what has to be brought to the other repository.
    private async Task<FatManifest> JoinAsync(string host)
    {
        var bench = new FatManifestWorkbench(new ImageStores(_fixture.Client()), ImageReference.Parse($"{_registry!.Host}/built"));
        var images = new[] { await bench.ImageAsync("linux/amd64"), await bench.ImageAsync("linux/arm64") };
        await _registry.TakeRequestsAsync();
        var sources = images.Select(image => JoinSource.Of(new ArchImage
        {
            Reference = $"{host}/built@{image.Digest}", Digest = $"{image.Digest}", MediaType = image.MediaType, ManifestSize = image.Size,
            Platform = $"{image.Platform}", Location = "Registry",
        }));
        var planner = new FatManifestPlanner(new ImageStores(_fixture.Client()), NullSink.Instance);
        var request = new JoinRequest { Name = ImageReference.Parse($"{host}/released:1.0") };
        var planned = Assert.Single(await planner.PlanAsync([.. sources], request, Cancel));
        return await new FatManifestPublisher(NullSink.Instance, 4).PublishAsync(planned.Plan ?? throw planned.Failure!, Cancel);
    }
}
