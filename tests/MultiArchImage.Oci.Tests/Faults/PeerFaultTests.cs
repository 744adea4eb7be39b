using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Faults;

/// <summary>
/// A fat manifest of two tags, with the faults that each of docker, buildx, crane, regctl, manifest-tool, podman and oras fails of one or the other; with the
/// retries that a user gets who asks for nothing.
/// </summary>
public sealed class PeerFaultTests(FaultWorkbench bench) : IClassFixture<FaultWorkbench>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [RegistryTheory]
    [InlineData("GET", "429", 1)]
    [InlineData("GET", "429", 6)]
    [InlineData("PUT", "429", 1)]
    [InlineData("GET", "503", 1)]
    [InlineData("PUT", "503", 1)]
    [InlineData("PUT", "500", 1)]
    [InlineData("PUT", "ResetInRequest", 1)]
    [InlineData("GET", "ResetInAnswer", 1)]
    public async Task What_some_peer_fails_of_passes(string method, string fault, int times)
    {
        var retryAfter = fault is "429" or "503" ? () => "3" : (Func<string>?)null;
        await using var proxy = new FaultProxy(bench.Registry.Host, Fault.All[fault] with { RetryAfter = retryAfter }) { Method = method, Times = times };
        var sink = new RecordingSink();
        using var stores = new ImageStores(new RegistryClient(new RegistryOptions { WillPush = true }, new CredentialResolver(null), sink, new HurriedTime()));
        var place = ImageReference.Parse($"{proxy.Host}/source/app");
        await stores.Open(place).ResolveAsync("none", Cancel);
        proxy.Arm();
        Assert.Equal(bench.Fat, await bench.WholeAsync(await JoinAsync(stores, place, "amd64", "arm64")));
        Assert.Equal(times, proxy.Strikes);
        if (retryAfter is not null)
            Assert.Equal(times, sink.Lines.Count(line => line.Contains("again in 3.0 s", StringComparison.Ordinal)));
    }

    // docker and podman open one for each request.
    [RegistryFact]
    public async Task Requests_one_after_the_other_share_a_connection_and_a_fat_manifest_needs_no_more_than_it_has_images()
    {
        await using var proxy = new FaultProxy(bench.Registry.Host);
        using var stores = new ImageStores(new RegistryClient(new RegistryOptions { WillPush = true }, new CredentialResolver(null), NullSink.Instance));
        var place = ImageReference.Parse($"{proxy.Host}/{bench.NewName()}");
        await new SampleImage("amd64").PutAsync(stores.Open(place), "1");
        Assert.NotNull(await stores.Open(place).ResolveAsync("1", Cancel));
        Assert.Equal(1, proxy.Connections);
        await JoinAsync(stores, ImageReference.Parse($"{proxy.Host}/source/app"), "amd64", "arm64");
        // The pool may open one in vain.
        Assert.InRange(proxy.Connections, 1, 3);
    }

    private async Task<ImageReference> JoinAsync(ImageStores stores, ImageReference place, params string[] images)
    {
        var name = bench.NewName();
        var sources = images.Select(image => new JoinSource(place.WithTag(image))).ToList();
        var planned = await new FatManifestPlanner(stores, NullSink.Instance).PlanAsync(sources, new JoinRequest { Name = place.WithTag(name) }, Cancel);
        await new FatManifestPublisher(NullSink.Instance, 4).PublishAsync(planned.Single().Plan!, Cancel);
        return ImageReference.Parse($"{bench.Registry.Host}/source/app:{name}");
    }
}
