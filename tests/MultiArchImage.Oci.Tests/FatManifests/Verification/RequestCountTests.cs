using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.FatManifests.Comparison;
using MultiArchImage.Oci.FatManifests.Verification;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.FatManifests.Verification;

/// <summary>What looking costs at a real registry.</summary>
public sealed class RequestCountTests : IAsyncLifetime
{
    private readonly RegistryFixture _fixture = new();
    private RegistryProcess _registry = null!;
    private FatManifestWorkbench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasRegistry)
            return;
        _registry = await RegistryProcess.StartAsync();
        _bench = new FatManifestWorkbench(new ImageStores(_fixture.Client()), ImageReference.Parse($"{_registry.Host}/look"));
        var (amd64, arm64) = (await _bench.ImageAsync("linux/amd64", tag: "amd64-latest"), await _bench.ImageAsync("linux/arm64", tag: "arm64-latest"));
        await _bench.IndexAsync("latest", amd64, arm64);
        await _bench.IndexAsync("attested", amd64, arm64, await _bench.AttestationAsync(amd64.Digest));
        await _bench.IndexAsync("newer", amd64, await _bench.ImageAsync("linux/arm64", "newer"));
        await _registry.TakeRequestsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _bench?.Dispose();
        _fixture.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [RegistryFact]
    public async Task To_inspect_costs_one_request_and_configs_two_an_image()
    {
        var reader = new FatManifestReader(_bench.Stores);
        Assert.Equal(2, (await reader.ReadAsync(Name("latest"), Cancel)).Entries.Count);
        Assert.Equal(["1 GET manifests"], await KindsAsync());
        Assert.Equal(2, await CountAsync(reader.ReadConfigsAsync(Pattern("latest"), Cancel)));
        Assert.Equal(["2 GET blobs", "3 GET manifests"], await KindsAsync());
        Assert.Equal(1, await CountAsync(reader.ReadRawAsync(Pattern("latest"), Cancel)));
        Assert.Equal(["1 GET manifests"], await KindsAsync());
    }

    [RegistryFact]
    public async Task To_verify_costs_the_index_and_two_an_image()
    {
        Assert.Empty(await _bench.FindAsync("latest"));
        Assert.Equal(["2 GET blobs", "3 GET manifests"], await KindsAsync());
        Assert.Empty(await _bench.FindAsync("attested"));
        Assert.Equal(["1 HEAD manifests", "2 GET blobs", "3 GET manifests"], await KindsAsync());
    }

    [RegistryFact]
    public async Task Each_blob_is_looked_for_once_and_each_tag()
    {
        Assert.Empty(await _bench.FindAsync("latest", new VerificationRequest { Deep = true }));
        Assert.Equal(["2 HEAD blobs", "3 GET manifests", "4 GET blobs"], await KindsAsync());
        Assert.Empty(await _bench.FindAsync("latest", new VerificationRequest { Template = "latest" }));
        Assert.Equal(["2 GET blobs", "2 HEAD manifests", "3 GET manifests"], await KindsAsync());
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task To_verify_takes_three_round_trips()
    {
        await using var waves = new WaveProxy(_registry.Host);
        var stores = new ImageStores(_fixture.Client());
        var verifier = new FatManifestVerifier(stores, new VerificationRequest(), TimeProvider.System);
        Assert.Empty(await verifier.VerifyAsync(ImageReference.Parse($"{waves.Host}/look:latest"), Cancel));
        Assert.Equal((5, 3), (waves.Requests, waves.Waves));
    }

    [RegistryFact]
    public async Task To_compare_costs_two_and_four_an_image_that_changed()
    {
        var comparer = new FatManifestComparer(_bench.Stores);
        var (old, now) = (new FatManifest { Reference = $"{Name("latest")}" }, new FatManifest { Reference = $"{Name("newer")}" });
        Assert.Equal(3, await CountAsync(comparer.CompareAsync(old, old, Cancel)));
        Assert.Equal(["2 GET manifests"], await KindsAsync());
        Assert.Equal(3, await CountAsync(comparer.CompareAsync(old, now, Cancel)));
        Assert.Equal(["2 GET blobs", "4 GET manifests"], await KindsAsync());
        var saved = await new FatManifestReader(_bench.Stores).ReadAsync(Name("latest"), Cancel);
        await KindsAsync();
        Assert.Equal(3, await CountAsync(comparer.CompareAsync(saved, saved, Cancel)));
        Assert.Empty(await KindsAsync());
    }

    [RegistryFact]
    public async Task A_name_or_repository_that_is_not_there_is_a_finding_and_a_dead_or_closed_registry_a_failure()
    {
        Assert.Equal("NotFound", Assert.Single(await _bench.FindAsync("nowhere")).Code);
        var verifier = new FatManifestVerifier(_bench.Stores, new VerificationRequest(), TimeProvider.System);
        Assert.Equal("NotFound", Assert.Single(await verifier.VerifyAsync(ImageReference.Parse($"{_registry.Host}/nowhere:1"), Cancel)).Code);
        await Assert.ThrowsAsync<RegistryUnreachableException>(() => verifier.VerifyAsync(ImageReference.Parse("127.0.0.1:1/x:1"), Cancel));
        await using var guarded = await RegistryProcess.StartWithPasswordAsync("somebody", "secret");
        await Assert.ThrowsAsync<RegistryUnauthorizedException>(() => verifier.VerifyAsync(ImageReference.Parse($"{guarded.Host}/look:latest"), Cancel));
    }

    private ImageReference Name(string tag) => _bench.Place.WithTag(tag);

    private ReferencePattern Pattern(string tag) => ReferencePattern.Parse($"{Name(tag)}");

    private static async Task<int> CountAsync<T>(IAsyncEnumerable<T> items)
    {
        var count = 0;
        await foreach (var _ in items)
            count++;
        return count;
    }

    private async Task<IEnumerable<string>> KindsAsync() => (await _registry.TakeRequestsAsync())
        .GroupBy(request => $"{request.Method} {(request.Path.Contains("/blobs/", StringComparison.Ordinal) ? "blobs" : "manifests")}")
        .Select(same => $"{same.Count()} {same.Key}").Order(StringComparer.Ordinal);
}
