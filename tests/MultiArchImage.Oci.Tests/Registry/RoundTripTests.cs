using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry;

/// <summary>How often a fat manifest waits for a registry, whatever the number of its entries.</summary>
[Needs(Part.HttpListener)]
public sealed class RoundTripTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [RegistryTheory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(200)]
    public async Task A_fat_manifest_from_tags_takes_three_round_trips(int entries)
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var fixture = new RegistryFixture { Options = new RegistryOptions { ThrottleLimit = 256, WillPush = true } };
        var direct = fixture.Open($"{registry.Host}/many");
        // A variant each: as many platforms as are wanted, of images that are otherwise alike.
        await Parallel.ForAsync(0, entries, Cancel, async (number, _) => await new SampleImage("x", "amd64", $"v{number + 10}").PutAsync(direct, $"t{number}"));

        await using var waves = new WaveProxy(registry.Host);
        var place = ImageReference.Parse($"{waves.Host}/many");
        var stores = new ImageStores(fixture.Client());
        var sources = Enumerable.Range(0, entries).Select(number => new JoinSource(place.WithTag($"t{number}"))).ToList();
        var planner = new FatManifestPlanner(stores, fixture.Sink);
        var plan = (await planner.PlanAsync(sources, new JoinRequest { Name = place.WithTag("all") }, Cancel)).Single().Plan!;
        var fat = await new FatManifestPublisher(fixture.Sink, 16).PublishAsync(plan, Cancel);

        Assert.Equal(entries, fat.Entries.Count);
        Assert.Equal((2 * entries) + 2, waves.Requests);
        Assert.Equal(3, waves.Waves);
    }
}
