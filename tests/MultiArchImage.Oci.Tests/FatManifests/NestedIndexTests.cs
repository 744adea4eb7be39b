using System.Text;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.FatManifests.Comparison;
using MultiArchImage.Oci.FatManifests.Verification;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Removal;
using MultiArchImage.Oci.Serving;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Stores.Archives;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Oci.Tests.Stores.Archives;
using MultiArchImage.Oci.Transfer.Copying;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests;

/// <summary>An index in an index in an index: whatever is done with the outermost one ends soon, in an error that names it or in what is there.</summary>
[Needs(Part.HttpListener)]
public sealed class NestedIndexTests : IAsyncDisposable
{
    private const string Tag = "deep";

    private readonly TemporaryFolder _folder = new();
    private readonly RegistryFixture _fixture = new() { Options = new() { MaximumRetryCount = 0, WillPush = true } };
    private readonly ImageStores _stores;
    private RegistryServer? _registry;

    public NestedIndexTests() => _stores = new ImageStores(_fixture.Client());

    public static TheoryData<string> Places => ["oci", "oci-archive", "docker-archive", "registry"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _stores.Dispose();
        if (_registry is not null)
            await _registry.DisposeAsync();
        _fixture.Dispose();
        _folder.Dispose();
    }

    [Theory, MemberData(nameof(Places))]
    public async Task What_makes_something_of_it_is_refused(string kind)
    {
        var name = (await PlaceAsync(kind, depth: 50)).WithTag(Tag);
        Assert.Contains("nested more than 4 deep", (await RefusedAsync(() => new CopyPlanner(_stores, NullSink.Instance)
            .PlanAsync(new CopyRequest(name, [ImageReference.Parse($"oci:{_folder["copy"]}")]), Cancel))).Message, StringComparison.Ordinal);
        Assert.Contains("has the index", (await RefusedAsync(async () => _ = (await new FatManifestPlanner(_stores, NullSink.Instance)
            .PlanAsync([new JoinSource(name)], new JoinRequest { Name = name.WithTag("new") }, Cancel)).Single().Plan
                ?? throw await FailureOfJoinAsync(name))).Message, StringComparison.Ordinal);
        Assert.Contains("is of type", (await RefusedAsync(async () => await new ImageListing(_stores, NullSink.Instance)
            .ListAsync(ReferencePattern.Parse($"{name}"), Cancel).ToListAsync(Cancel))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["copy"]));
    }

    [Theory, MemberData(nameof(Places))]
    public async Task What_looks_at_it_shows_its_own_entries(string kind)
    {
        var name = (await PlaceAsync(kind, depth: 50)).WithTag(Tag);
        var reader = new FatManifestReader(_stores);
        Assert.Single((await reader.ReadAsync(name, Cancel)).Entries);
        Assert.Empty(await reader.ReadConfigsAsync(ReferencePattern.Parse($"{name}"), Cancel).ToListAsync(Cancel));
        Assert.Single((await reader.ReadWithImagesAsync(ReferencePattern.Parse($"{name}"), Cancel).SingleAsync(Cancel)).Entries);
        var found = await new FatManifestVerifier(_stores, new VerificationRequest { Deep = true }, TimeProvider.System).VerifyAsync(name, Cancel);
        Assert.Contains("NestedIndex", found.Select(finding => finding.Code));
        var same = new FatManifest { Reference = $"{name}" };
        Assert.All(await new FatManifestComparer(_stores).CompareAsync(same, same, Cancel).ToListAsync(Cancel), difference => Assert.True(difference.IsSame));
    }

    [Theory]
    [InlineData("oci")]
    [InlineData("registry")]
    public async Task What_is_below_it_is_not_removed(string kind)
    {
        var name = (await PlaceAsync(kind, depth: 50)).WithTag(Tag);
        var failure = await RefusedAsync(() => new RemovalPlanner(_stores, NullSink.Instance).PlanAsync(new RemovalRequest(name) { Recurse = true }, Cancel));
        Assert.Contains("nests indexes more than 8 deep", failure.Message, StringComparison.Ordinal);
        await ImageRemover.RemoveAsync(await new RemovalPlanner(_stores, NullSink.Instance).PlanAsync(new RemovalRequest(name), Cancel), Cancel);
        Assert.Null(await _stores.Open(name.Place).ResolveAsync(Tag, Cancel));
    }

    [Theory]
    [InlineData("oci-archive")]
    [InlineData("docker-archive")]
    public async Task An_archive_with_a_very_deep_one_takes_another_image(string kind)
    {
        var place = await PlaceAsync(kind, depth: 2000);
        var image = new SampleImage("another");
        await image.PutAsync(_stores.Open(place), "2");
        using var archive = new ArchiveStore(place);
        Assert.Equal(image.Manifest.Document.Digest, (await archive.ResolveAsync("2", Cancel))!.Digest);
        Assert.NotNull(await archive.ResolveAsync(Tag, Cancel));
    }

    [Fact]
    public async Task A_layout_with_a_very_deep_one_gives_another_image_away()
    {
        var place = await PlaceAsync("oci", depth: 500);
        var image = new SampleImage("another");
        await image.PutAsync(_stores.Open(place), "2");
        var planner = new RemovalPlanner(_stores, NullSink.Instance);
        await ImageRemover.RemoveAsync(await planner.PlanAsync(new RemovalRequest(place.WithDigest(image.Manifest.Document.Digest)) { Force = true }, Cancel), Cancel);
        Assert.Null(await _stores.Open(place).ResolveAsync("2", Cancel));
        Assert.False(await _stores.Open(place).HasBlobAsync(image.Layer.Digest, Cancel));
        Assert.NotNull(await _stores.Open(place).ResolveAsync(Tag, Cancel));
    }

    private static async Task<InvalidImageException> RefusedAsync(Func<Task> use) => await Assert.ThrowsAsync<InvalidImageException>(use);

    private async Task<Exception> FailureOfJoinAsync(ImageReference name) => (await new FatManifestPlanner(_stores, NullSink.Instance)
        .PlanAsync([new JoinSource(name)], new JoinRequest { Name = name.WithTag("new") }, Cancel)).Single().Failure!;

    // The innermost has nothing; each other has the one before it as its image for linux/arm64.
    private static List<Manifest> Chain(int depth)
    {
        var chain = new List<Manifest> { ImageIndex.Create(MediaTypes.OciIndex, []).Document };
        while (chain.Count < depth)
            chain.Add(ImageIndex.Create(MediaTypes.OciIndex, [chain[^1].ToDescriptor() with { Platform = Platform.Parse("linux/arm64") }]).Document);
        return chain;
    }

    private async Task<ImageReference> PlaceAsync(string kind, int depth)
    {
        var chain = Chain(depth);
        if (kind == "registry")
        {
            _registry = RegistryServer.Start(new RegistryServerOptions(_folder["served"]));
            var place = ImageReference.Parse($"{_registry.Host}/team/app");
            foreach (var document in chain)
                await _stores.Open(place).PutManifestAsync(document, document == chain[^1] ? [Tag] : [], Cancel);
            return place;
        }
        var files = Files(chain, chain[^1]).ToList();
        if (kind == "oci")
        {
            foreach (var (name, content) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_folder["layout", name])!);
                await File.WriteAllBytesAsync(_folder["layout", name], content, Cancel);
            }
            return ImageReference.Parse($"oci:{_folder["layout"]}");
        }
        await File.WriteAllBytesAsync(_folder["deep.tar"], TarFile.Of(files.Select(file => TarFile.File(file.Name, file.Content))), Cancel);
        return ImageReference.Parse($"{kind}:{_folder["deep.tar"]}");
    }

    private static IEnumerable<(string Name, byte[] Content)> Files(IEnumerable<Manifest> documents, Manifest tagged)
    {
        var entry = tagged.ToDescriptor() with { Annotations = new Dictionary<string, string> { [Annotations.RefName] = Tag } };
        yield return ("oci-layout", LayoutFolder.Mark);
        yield return ("index.json", Encoding.UTF8.GetBytes($"{new JObject { ["schemaVersion"] = 2, ["manifests"] = new JArray(entry.ToJson()) }}"));
        yield return ("manifest.json", "[]"u8.ToArray());
        foreach (var document in documents)
            yield return ($"blobs/sha256/{document.Digest.Hex}", document.Bytes.ToArray());
    }
}
