using System.Security.Cryptography;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Oci.Transfer;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Faults;

/// <summary>Two registries and a layout, with a fat manifest of two images of two layers each, and the truth about them: clients that meet no fault.</summary>
public sealed class FaultWorkbench : IAsyncLifetime
{
    private const int LayerSize = 30_000;

    private readonly TemporaryFolder _folder = new();
    private readonly ImageStores _truth = new(new RegistryClient(new RegistryOptions { WillPush = true }, new CredentialResolver(null), NullSink.Instance));
    private RegistryProcess? _registry;
    private RegistryProcess? _other;
    private int _names;

    public RegistryProcess Registry => _registry!;

    public RegistryProcess Other => _other!;

    /// <summary>The digest of the fat manifest <c>fat</c>, in the registry's <c>source/app</c> and in the layout.</summary>
    internal Digest Fat { get; private set; } = null!;

    internal ImageReference Layout => ImageReference.Parse($"oci:{_folder["source"]}");

    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasRegistry)
            return;
        (_registry, _other) = (await RegistryProcess.StartAsync(), await RegistryProcess.StartAsync());
        Fat = await FillAsync(Layout);
        Assert.Equal(Fat, await FillAsync(ImageReference.Parse($"{Registry.Host}/source/app")));
    }

    public async ValueTask DisposeAsync()
    {
        _truth.Dispose();
        if (_registry is not null)
            await _registry.DisposeAsync();
        if (_other is not null)
            await _other.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A name that nothing has.</summary>
    internal string NewName() => $"case-{Interlocked.Increment(ref _names)}";

    /// <summary>A layout that is not there.</summary>
    internal ImageReference NewLayout() => ImageReference.Parse($"oci:{_folder[NewName()]}");

    /// <summary>The digest under a name; null where it has nothing. With something, all of it must be there, and be what its digests say.</summary>
    internal async Task<Digest?> WholeAsync(ImageReference name)
    {
        if (name.IsFile && !Directory.Exists(name.Path))
            return null;
        var store = _truth.Open(name.Place);
        if (await store.ResolveAsync(name.TagOrDigest, CancellationToken.None) is not { } found)
            return null;
        var tree = await ImageTree.ReadAsync(store, await store.GetManifestAsync(name.TagOrDigest, CancellationToken.None), CancellationToken.None);
        foreach (var blob in tree.Blobs)
        {
            await using var stream = await store.OpenBlobAsync(blob, CancellationToken.None);
            await stream.CopyToAsync(Stream.Null);
        }
        return found.Digest;
    }

    /// <summary>Fails where a file of a layout has another content than its name says.</summary>
    internal static void RequireWhole(ImageReference layout)
    {
        var blobs = Path.Combine(layout.Path, "blobs", "sha256");
        foreach (var file in Directory.Exists(blobs) ? Directory.GetFiles(blobs) : [])
        {
            using var content = File.OpenRead(file);
            Assert.Equal(Path.GetFileName(file), Convert.ToHexStringLower(SHA256.HashData(content)));
        }
    }

    private async Task<Digest> FillAsync(ImageReference place)
    {
        using var bench = new FatManifestWorkbench(_truth, place);
        var images = new[] { await ImageAsync(bench, "amd64", 1), await ImageAsync(bench, "arm64", 2) };
        return (await bench.IndexAsync("fat", images)).Digest;
    }

    private static Task<Descriptor> ImageAsync(FatManifestWorkbench bench, string architecture, int seed)
    {
        var layers = new[] { new byte[LayerSize], new byte[LayerSize / 2] };
        foreach (var (index, layer) in layers.Index())
            new Random((seed * 10) + index).NextBytes(layer);
        return bench.ImageAsync($"linux/{architecture}", layers, tag: architecture);
    }
}
