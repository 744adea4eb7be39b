using System.Text;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Oci.Transfer.Copying;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Transfer;

/// <summary>Signatures, SBOMs and attestations that come along with what they are about, in every form that there is.</summary>
public sealed class ReferrerTests : IAsyncLifetime
{
    private readonly RegistryFixture _fixture = new();
    private FatManifestWorkbench _bench = null!;
    private RegistryProcess? _registry;

    public async ValueTask InitializeAsync()
    {
        _registry = Requirements.HasRegistry ? await RegistryProcess.StartAsync() : null;
        _bench = new FatManifestWorkbench(new ImageStores(_fixture.Client()));
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _bench.Dispose();
        _fixture.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [RegistryFact]
    public async Task All_forms_come_along_into_a_registry_without_a_list_and_back()
    {
        var image = await _bench.ImageAsync("linux/amd64");
        var index = await _bench.IndexAsync("1", image);
        var sbom = await ReferAsync(image.Digest, "sbom");
        var signature = await ReferAsync(sbom.Digest, "signature of the sbom");
        await ReferrerTag.AddAsync(_bench.Store, image.Digest, [sbom.ToDescriptor()], Cancel);
        await ReferrerTag.AddAsync(_bench.Store, sbom.Digest, [signature.ToDescriptor()], Cancel);
        var cosign = await _bench.ImageAsync("linux/amd64", "signature", tag: $"sha256-{index.Digest.Hex}.sig");

        var target = ImageReference.Parse($"{_registry!.Host}/signed");
        await CopyAsync(_bench.Place.WithTag("1"), target);
        var copied = _bench.Stores.Open(target);
        Assert.Equal(sbom.Digest, Assert.Single(await ReferrerTag.ListAsync(copied, image.Digest, Cancel)).Digest);
        Assert.Equal(signature.Digest, Assert.Single(await ReferrerTag.ListAsync(copied, sbom.Digest, Cancel)).Digest);
        Assert.Equal(cosign.Digest, (await copied.ResolveAsync($"sha256-{index.Digest.Hex}.sig", Cancel))!.Digest);

        var back = ImageReference.Parse($"{_bench.Place}-back");
        await CopyAsync(target.WithTag("1"), back);
        Assert.Equal(3, (await new ReferrerSearch(_bench.Stores.Open(back)).FindAsync([index.Digest, image.Digest], Cancel)).Count);
        // Once more: what is listed already is not listed twice.
        await CopyAsync(_bench.Place.WithTag("1"), target, force: true);
        Assert.Single(await ReferrerTag.ListAsync(copied, image.Digest, Cancel));
    }

    [RegistryFact]
    public async Task What_was_signed_after_it_was_copied_comes_along_later_and_what_the_destination_has_of_its_own_stays()
    {
        var image = await _bench.ImageAsync("linux/amd64");
        var index = await _bench.IndexAsync("1", image);
        var target = ImageReference.Parse($"{_registry!.Host}/later");
        await CopyAsync(_bench.Place.WithTag("1"), target);
        var copied = _bench.Stores.Open(target);
        await ReferrerTag.AddAsync(copied, image.Digest, [index.ToDescriptor()], Cancel);
        var sbom = await ReferAsync(image.Digest, "sbom");
        await ReferrerTag.AddAsync(_bench.Store, image.Digest, [sbom.ToReferrer()], Cancel);
        Assert.False((await PlanAsync(_bench.Place.WithTag("1"), target)).IsNoOp);
        await CopyAsync(_bench.Place.WithTag("1"), target);
        Assert.Equal(new[] { index.Digest, sbom.Digest }.Order(), (await ReferrerTag.ListAsync(copied, image.Digest, Cancel)).Select(entry => entry.Digest).Order());
        Assert.True((await PlanAsync(_bench.Place.WithTag("1"), target)).IsNoOp);
    }

    [RegistryFact]
    public async Task A_cosign_signature_of_the_destination_is_not_replaced_where_nothing_may_be()
    {
        var index = await _bench.IndexAsync("1", await _bench.ImageAsync("linux/amd64"));
        var tag = $"sha256-{index.Digest.Hex}.sig";
        await _bench.ImageAsync("linux/amd64", "signature", tag: tag);
        var target = ImageReference.Parse($"{_registry!.Host}/own");
        await CopyAsync(_bench.Place.WithTag("1"), target);
        await _bench.ImageAsync("linux/amd64", "another signature", tag: tag);
        var failure = await Assert.ThrowsAsync<NameTakenException>(() => PlanAsync(_bench.Place.WithTag("1"), target, noClobber: true));
        Assert.Contains(tag, failure.Message);
        Assert.False((await PlanAsync(_bench.Place.WithTag("1"), target)).IsNoOp);
    }

    [Fact]
    public void The_tag_of_a_long_digest_is_cut_as_the_specification_has_it() =>
        Assert.Equal($"sha512-{new string('a', 64)}", ReferrerTag.Of(Digest.Parse($"sha512:{new string('a', 128)}")));

    [Fact]
    public async Task A_layout_may_list_them_in_its_index_alone()
    {
        var image = await _bench.ImageAsync("linux/amd64", tag: "1");
        var sbom = await ReferAsync(image.Digest, "sbom");
        await _bench.Store.PutManifestAsync(sbom, ["any"], Cancel);
        Assert.Equal(sbom.Digest, Assert.Single(await new ReferrerSearch(_bench.Store).FindAsync([image.Digest], Cancel)).Entry.Digest);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_registry_with_a_list_is_asked_for_it_page_by_page()
    {
        var subject = Digest.Of("image"u8);
        using var server = new AnsweringServer(context =>
        {
            context.Response.ContentType = MediaTypes.OciIndex;
            var isFirst = !context.Request.RawUrl!.Contains('?', StringComparison.Ordinal);
            if (isFirst)
                context.Response.AddHeader("Link", $"<{context.Request.RawUrl}?next=2>; rel=\"next\"");
            return ImageIndex.Create(MediaTypes.OciIndex, [new Descriptor(MediaTypes.OciManifest, Digest.Of(isFirst ? "one"u8 : "two"u8), 3)]).Document.Json.ToString();
        });
        var listed = await _fixture.Open($"{server.Host}/signed").TryListReferrersAsync(subject, Cancel);
        Assert.Equal([Digest.Of("one"u8), Digest.Of("two"u8)], listed!.Select(entry => entry.Digest));
    }

    private async Task<Manifest> ReferAsync(Digest subject, string content)
    {
        var config = await _bench.BlobAsync(MediaTypes.OciEmpty, "{}");
        var layer = await _bench.BlobAsync("text/plain", content);
        var document = new Manifest(MediaTypes.OciManifest, Encoding.UTF8.GetBytes($"{new JObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["artifactType"] = "application/vnd.example.sbom",
            ["config"] = config.ToJson(),
            ["layers"] = new JArray(layer.ToJson()),
            ["subject"] = new JObject { ["mediaType"] = MediaTypes.OciManifest, ["digest"] = $"{subject}", ["size"] = 1 },
        }}"));
        await _bench.Store.PutManifestAsync(document, [], Cancel);
        return document;
    }

    private Task<CopyPlan> PlanAsync(ImageReference source, ImageReference destination, bool force = false, bool noClobber = false)
    {
        var request = new CopyRequest(source, [destination]) { IncludesReferrers = true, Force = force, NoClobber = noClobber };
        return new CopyPlanner(_bench.Stores, NullSink.Instance).PlanAsync(request, Cancel);
    }

    private async Task CopyAsync(ImageReference source, ImageReference destination, bool force = false)
    {
        using var copier = new ImageCopier(NullSink.Instance, 4);
        await copier.CopyAsync(await PlanAsync(source, destination, force), Cancel);
    }
}
