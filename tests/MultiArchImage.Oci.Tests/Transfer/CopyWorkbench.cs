using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Oci.Transfer;
using MultiArchImage.Oci.Transfer.Copying;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Transfer;

/// <summary>Two registries and a folder for layouts, with a fat manifest of two images and an attestation in the first.</summary>
public sealed class CopyWorkbench : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly RegistryFixture _fixture = new() { Options = new() { MaximumRetryCount = 0, WillPush = true } };
    private readonly List<ImageStores> _runs = [];
    private RegistryProcess? _first;
    private RegistryProcess? _second;

    public RegistryProcess First => _first!;

    public RegistryProcess Second => _second!;

    internal RecordingSink Sink => _fixture.Sink;

    internal FatManifestWorkbench Source { get; private set; } = null!;

    internal ImageStores Stores => Source.Stores;

    /// <summary>The fat manifest <c>k8s-latest</c>: linux/amd64, attested, and linux/arm64.</summary>
    internal ImageIndex Fat { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasRegistry)
            return;
        (_first, _second) = (await RegistryProcess.StartAsync(), await RegistryProcess.StartAsync());
        Source = new FatManifestWorkbench(new ImageStores(_fixture.Client()), ImageReference.Parse($"{First.Host}/team/app"));
        var (amd64, arm64) = (await Source.ImageAsync("linux/amd64", tag: "k8s-amd64-latest"), await Source.ImageAsync("linux/arm64", tag: "k8s-arm64-latest"));
        Fat = ImageIndex.Parse(await Source.IndexAsync("k8s-latest", amd64, arm64, await Source.AttestationAsync(amd64.Digest)));
        await TakeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _runs.ForEach(stores => stores.Dispose());
        if (_first is not null)
            await _first.DisposeAsync();
        if (_second is not null)
            await _second.DisposeAsync();
        Source?.Dispose();
        _fixture.Dispose();
        _folder.Dispose();
    }

    internal ImageReference Layout(string name = "layout") => ImageReference.Parse($"oci:{_folder[name]}");

    internal ImageReference Name(string tag) => Source.Place.WithTag(tag);

    internal ImageReference Other(string rest) => ImageReference.Parse($"{Second.Host}/{rest}");

    internal ImageReference Same(string rest) => ImageReference.Parse($"{First.Host}/{rest}");

    /// <summary>Plans a copy as a run of its own, which knows nothing of earlier ones.</summary>
    internal Task<CopyPlan> PlanAsync(CopyRequest request)
    {
        var stores = new ImageStores(_fixture.Client());
        _runs.Add(stores);
        return new CopyPlanner(stores, Sink).PlanAsync(request, CancellationToken.None);
    }

    internal Task<IReadOnlyList<object>> CopyAsync(ImageReference source, params ImageReference[] destinations) =>
        CopyAsync(new CopyRequest(source, destinations));

    internal async Task<IReadOnlyList<object>> CopyAsync(CopyRequest request)
    {
        var plan = await PlanAsync(request);
        using var copier = new ImageCopier(Sink, 8);
        await copier.CopyAsync(plan, CancellationToken.None);
        return await CopyResults.OfAsync(plan, isDone: true, CancellationToken.None);
    }

    /// <summary>What a name holds; null for nothing.</summary>
    internal async Task<Digest?> HeldAsync(ImageReference name) =>
        (await Stores.Open(name.Place).ResolveAsync(name.TagOrDigest, CancellationToken.None))?.Digest;

    /// <summary>Fails unless everything under a name is there, and is what its digests say.</summary>
    internal async Task<IReadOnlyList<Digest>> ReadWholeAsync(ImageReference name)
    {
        var store = Stores.Open(name.Place);
        var tree = await ImageTree.ReadAsync(store, await store.GetManifestAsync(name.TagOrDigest, CancellationToken.None), CancellationToken.None);
        foreach (var blob in tree.Blobs)
        {
            await using var stream = await store.OpenBlobAsync(blob, CancellationToken.None);
            await stream.CopyToAsync(Stream.Null);
        }
        return [.. tree.Documents.Select(document => document.Digest)];
    }

    /// <summary>The requests to both registries since the last call, by kind: <c>2 PUT manifests</c>.</summary>
    internal async Task<IReadOnlyList<string>> TakeAsync() =>
        [.. (await First.TakeRequestsAsync()).Concat(await Second.TakeRequestsAsync())
            .GroupBy(request => $"{request.Method} {Kind(request.Path)}").Select(group => $"{group.Count()} {group.Key}").Order(StringComparer.Ordinal)];

    private static string Kind(string path) =>
        path.Contains("/blobs/uploads/?mount=") ? "mount" : path.Contains("/blobs/uploads/") ? "upload"
        : path.Contains("/blobs/") ? "blob" : path.Contains("/referrers/") ? "referrers" : "manifest";
}
