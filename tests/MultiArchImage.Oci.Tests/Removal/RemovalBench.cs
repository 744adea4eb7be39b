using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Removal;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.FatManifests.Verification;

namespace MultiArchImage.Oci.Tests.Removal;

/// <summary>Fat manifests and images at a place, and what removes them.</summary>
internal sealed class RemovalBench : IDisposable
{
    private readonly FatManifestWorkbench _bench;

    /// <param name="host">A registry; null for a layout.</param>
    public RemovalBench(string? host = null)
    {
        var client = new RegistryClient(new RegistryOptions { WillPush = true, MaximumRetryCount = 0 }, new CredentialResolver(null), NullSink.Instance);
        _bench = new FatManifestWorkbench(new ImageStores(client), host is null ? null : ImageReference.Parse($"{host}/team/app"));
    }

    public FatManifestWorkbench Content => _bench;

    public IImageStore Store => _bench.Store;

    public ImageReference Tag(string tag) => _bench.Place.WithTag(tag);

    public ImageReference At(Digest digest) => _bench.Place.WithDigest(digest);

    public async Task<RemovalPlan> RemoveAsync(ImageReference reference, bool recurse = false, bool force = false)
    {
        var plan = await PlanAsync(reference, recurse, force);
        await ImageRemover.RemoveAsync(plan, CancellationToken.None);
        return plan;
    }

    public Task<RemovalPlan> PlanAsync(ImageReference reference, bool recurse = false, bool force = false) =>
        new RemovalPlanner(_bench.Stores, NullSink.Instance).PlanAsync(
            new RemovalRequest(reference) { Recurse = recurse, Force = force }, CancellationToken.None);

    public async Task<bool> HasAsync(Digest digest) => await Store.ResolveAsync($"{digest}", CancellationToken.None) is not null;

    public async Task<IReadOnlyList<string>> TagsAsync()
    {
        var tags = new List<string>();
        await foreach (var tag in Store.ListTagsAsync(CancellationToken.None))
            tags.Add(tag);
        return [.. tags.Order(StringComparer.Ordinal)];
    }

    public void Dispose() => _bench.Dispose();
}
