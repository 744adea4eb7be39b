using System.Net;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Transfer;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Transfer;

public sealed class ReferrerTests : IAsyncLifetime
{
    private readonly CopyWorkbench _bench = new();
    private Manifest _sbom = null!;
    private Manifest _signature = null!;
    private Manifest _cosign = null!;

    // An SBOM of an image, by the referrers tag; a signature of the SBOM, by the same; a cosign signature of the index, by its tag.
    public async ValueTask InitializeAsync()
    {
        await _bench.InitializeAsync();
        if (!Requirements.HasRegistry)
            return;
        var image = _bench.Fat.Images.First(entry => entry.Platform!.Architecture == "arm64");
        _sbom = await AttachAsync(image, "application/spdx+json", "sbom");
        _signature = await AttachAsync(_sbom.ToDescriptor(), "application/vnd.cncf.notary.signature", "signature");
        _cosign = await PutAsync("application/vnd.dev.cosign.simplesigning.v1+json", "cosign", null, $"sha256-{_bench.Fat.Digest.Hex}.sig");
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [RegistryFact]
    public async Task Signatures_and_SBOMs_of_the_index_and_its_images_come_along_in_both_tag_forms()
    {
        await CopyAsync(_bench.Other("signed"));
        var target = _bench.Stores.Open(_bench.Other("signed"));
        Assert.Equal(_cosign.Digest, await _bench.HeldAsync(_bench.Other($"signed:sha256-{_bench.Fat.Digest.Hex}.sig")));
        Assert.Equal([_sbom.Digest], await ReferrersAsync(target, _sbom.Subject!));
        Assert.Equal([_signature.Digest], await ReferrersAsync(target, _sbom.Digest));
        await _bench.ReadWholeAsync(_bench.Other("signed").WithDigest(_sbom.Digest));
    }

    [RegistryFact]
    public async Task Without_being_asked_for_they_stay()
    {
        await _bench.CopyAsync(_bench.Name("k8s-latest"), _bench.Other("bare"));
        Assert.Equal(["k8s-latest"], await TagsAsync(_bench.Other("bare")));
    }

    [RegistryFact]
    public async Task A_layout_takes_them_and_gives_them_back()
    {
        await CopyAsync(_bench.Layout());
        await _bench.CopyAsync(_bench.Layout().WithTag("k8s-latest"), new CopyRequest([_bench.Other("from-layout")]) { IncludeReferrers = true });
        var target = _bench.Stores.Open(_bench.Other("from-layout"));
        Assert.Equal([_sbom.Digest], await ReferrersAsync(target, _sbom.Subject!));
        Assert.Equal([_signature.Digest], await ReferrersAsync(target, _sbom.Digest));
        Assert.Equal(_cosign.Digest, await _bench.HeldAsync(_bench.Other($"from-layout:sha256-{_bench.Fat.Digest.Hex}.sig")));
    }

    [RegistryFact]
    public async Task A_layout_also_tells_of_manifests_that_name_a_subject()
    {
        await _bench.CopyAsync(_bench.Name("k8s-latest"), _bench.Layout("oras"));
        await _bench.CopyAsync(_bench.Source.Place.WithDigest(_sbom.Digest), _bench.Layout("oras").WithTag("sbom"));
        Assert.Equal([_sbom.Digest], await ReferrersAsync(_bench.Stores.Open(_bench.Layout("oras")), _sbom.Subject!));
    }

    [RegistryFact]
    public async Task What_the_destination_has_of_its_own_stays_and_the_same_again_is_unchanged()
    {
        await CopyAsync(_bench.Other("joined"));
        var own = await AttachAsync(_bench.Fat.Images.First(entry => entry.Digest == _sbom.Subject), "application/vnd.own", "own", _bench.Other("joined"));
        Assert.True((await PlanAsync(_bench.Other("joined"))).IsNoOp);
        var later = await AttachAsync(_bench.Fat.Images.First(entry => entry.Digest == _sbom.Subject), "application/vnd.later", "later");
        await CopyAsync(_bench.Other("joined"));
        var found = await ReferrersAsync(_bench.Stores.Open(_bench.Other("joined")), _sbom.Subject!);
        Assert.Equal(new[] { _sbom.Digest, own.Digest, later.Digest }.Order(), found.Order());
    }

    [RegistryFact]
    public async Task Part_of_an_index_brings_what_is_about_its_images_only()
    {
        var request = new CopyRequest([_bench.Other("part")]) { IncludeReferrers = true, Platforms = [Platform.Parse("linux/arm64")] };
        await _bench.CopyAsync(_bench.Name("k8s-latest"), request);
        Assert.Contains($"sha256-{_sbom.Subject!.Hex}", await TagsAsync(_bench.Other("part")));
        Assert.DoesNotContain(await TagsAsync(_bench.Other("part")), tag => tag.EndsWith(".sig", StringComparison.Ordinal));
    }

    [RegistryFact]
    public async Task Tags_of_referrers_are_no_images_to_a_wildcard()
    {
        var found = new List<string>();
        await foreach (var name in new CopySourceFinder(_bench.Stores, _bench.Sink).FindAsync(ReferencePattern.Parse($"{_bench.Source.Place}:*"), CancellationToken.None))
            found.Add(name.Tag!);
        Assert.Equal(["k8s-amd64-latest", "k8s-arm64-latest", "k8s-latest"], found.Order());
    }

    [RegistryFact]
    public async Task A_registry_with_a_list_of_referrers_is_asked_for_every_page_of_it()
    {
        using var registry = new ListingRegistry(_bench.First.Host, subject => subject == $"{_sbom.Subject}" ? [_sbom.ToReferrer(), _signature.ToReferrer()] : []);
        var store = _bench.Stores.Open(ImageReference.Parse($"{registry.Host}/team/app"));
        Assert.Equal([_sbom.Digest, _signature.Digest], await ReferrersAsync(store, _sbom.Subject!));
        Assert.Equal("application/spdx+json", (await ((IReferrers)store).ListReferrersAsync(_sbom.Subject!, CancellationToken.None))[0].ArtifactType);
        Assert.True(await ((IReferrers)store).FindsReferrersAsync(_sbom.Subject!, CancellationToken.None));
    }

    [RegistryFact]
    public async Task A_registry_with_a_list_of_its_own_gets_no_tag_for_it()
    {
        using var registry = new ListingRegistry(_bench.First.Host, _ => []);
        var plan = await PlanAsync(ImageReference.Parse($"{registry.Host}/with-list"));
        Assert.Equal(3, plan.Targets[0].Referrers.Count);
        Assert.Equal([$"sha256-{_bench.Fat.Digest.Hex}.sig"], plan.Targets[0].ReferrerTags.Select(move => move.Tag));
        using var full = new ListingRegistry(_bench.First.Host, subject => subject == $"{_sbom.Subject}" ? [_sbom.ToReferrer()] : [_signature.ToReferrer()]);
        plan = await PlanAsync(ImageReference.Parse($"{full.Host}/with-list"));
        Assert.Equal([_cosign.Digest], plan.Targets[0].Referrers.Select(content => content.Document.Digest));
    }

    [RegistryFact]
    public async Task A_cosign_signature_of_the_destinations_own_is_not_replaced_with_NoClobber()
    {
        var tag = $"sha256-{_bench.Fat.Digest.Hex}.sig";
        await PutAsync("application/vnd.dev.cosign.simplesigning.v1+json", "another", null, tag, _bench.Other("own-signature"));
        await Assert.ThrowsAsync<TagTakenException>(() => _bench.PlanAsync(
            _bench.Name("k8s-latest"), new CopyRequest([_bench.Other("own-signature")]) { IncludeReferrers = true, NoClobber = true }));
        Assert.Contains($"replace {tag} (", (await PlanAsync(_bench.Other("own-signature"))).Description);
    }

    private Task<CopyPlan> PlanAsync(ImageReference destination) =>
        _bench.PlanAsync(_bench.Name("k8s-latest"), new CopyRequest([destination]) { IncludeReferrers = true });

    private Task CopyAsync(ImageReference destination) =>
        _bench.CopyAsync(_bench.Name("k8s-latest"), new CopyRequest([destination]) { IncludeReferrers = true });

    private static async Task<IReadOnlyList<Digest>> ReferrersAsync(IImageStore store, Digest subject) =>
        [.. (await ((IReferrers)store).ListReferrersAsync(subject, CancellationToken.None)).Select(entry => entry.Digest)];

    private async Task<IReadOnlyList<string>> TagsAsync(ImageReference place)
    {
        var tags = new List<string>();
        await foreach (var tag in _bench.Stores.Open(place).ListTagsAsync(CancellationToken.None))
            tags.Add(tag);
        return tags;
    }

    // As a client must for a registry that has no list of its own (distribution-spec: Pushing Manifests with Subject).
    private async Task<Manifest> AttachAsync(Descriptor subject, string artifactType, string content, ImageReference? place = null)
    {
        var manifest = await PutAsync(artifactType, content, subject, null, place);
        var store = _bench.Stores.Open(place ?? _bench.Source.Place);
        var present = await store.ReadReferrersIndexAsync(subject.Digest, CancellationToken.None);
        await store.PutManifestAsync(ReferrersIndex.Of(present.Append(manifest.ToReferrer())), [ReferrersTag.Of(subject.Digest)], CancellationToken.None);
        return manifest;
    }

    private async Task<Manifest> PutAsync(string type, string content, Descriptor? subject, string? tag, ImageReference? place = null)
    {
        var store = _bench.Stores.Open(place ?? _bench.Source.Place);
        var blobs = new[] { "{}", content }.Select(Encoding.UTF8.GetBytes).ToList();
        foreach (var bytes in blobs)
            await store.PutBlobAsync(Blob(type, bytes), BlobSource.FromBytes(bytes), CancellationToken.None);
        var json = new JObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["artifactType"] = type,
            ["config"] = Blob(MediaTypes.OciEmpty, blobs[0]).ToJson(),
            ["layers"] = new JArray(Blob(type, blobs[1]).ToJson()),
        };
        if (subject is not null)
            json["subject"] = new Descriptor(subject.MediaType, subject.Digest, subject.Size).ToJson();
        var manifest = new Manifest(MediaTypes.OciManifest, Encoding.UTF8.GetBytes(json.ToString()));
        await store.PutManifestAsync(manifest, tag is null ? [] : [tag], CancellationToken.None);
        return manifest;
    }

    private static Descriptor Blob(string type, byte[] bytes) => new(type, Digest.Of(bytes), bytes.Length);

    /// <summary>A registry of today in front of one that has no list of referrers: it gives one a page, and passes on all else that is read.</summary>
    private sealed class ListingRegistry : IDisposable
    {
        private readonly HttpClient _client = new();
        private readonly AnsweringServer _server;
        private readonly string _registry;
        private readonly Func<string, IReadOnlyList<Descriptor>> _list;

        public ListingRegistry(string registry, Func<string, IReadOnlyList<Descriptor>> list)
        {
            (_registry, _list) = (registry, list);
            _server = new AnsweringServer(context => context.Request.Url!.AbsolutePath.Contains("/referrers/") ? List(context) : Pass(context));
        }

        public string Host => _server.Host;

        public void Dispose()
        {
            _server.Dispose();
            _client.Dispose();
        }

        private string List(HttpListenerContext context)
        {
            var all = _list(context.Request.Url!.Segments[^1]);
            var page = int.Parse(context.Request.QueryString["page"] ?? "0");
            if (page + 1 < all.Count)
                context.Response.AddHeader("Link", $"<{context.Request.Url.AbsolutePath}?page={page + 1}>; rel=\"next\"");
            context.Response.ContentType = MediaTypes.OciIndex;
            return ImageIndex.Create(MediaTypes.OciIndex, all.Skip(page).Take(1)).Document.Json.ToString();
        }

        private string Pass(HttpListenerContext context)
        {
            using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), $"http://{_registry}{context.Request.RawUrl}");
            foreach (var accepted in context.Request.Headers.GetValues("Accept") ?? [])
                request.Headers.TryAddWithoutValidation("Accept", accepted);
            using var response = _client.Send(request);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            return new StreamReader(response.Content.ReadAsStream()).ReadToEnd();
        }
    }
}
