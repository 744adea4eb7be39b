using System.Diagnostics;
using System.Text;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.FatManifests.Updating;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests.Updating;

/// <summary>Several writers of one name on a registry that takes the last write, whatever it was made from.</summary>
[Needs(Part.Speed)]
public sealed class ConcurrentUpdateTests : IAsyncLifetime
{
    private const int Writers = 24;
    private const int Rounds = 10;

    private RegistryProcess? _registry;

    private string Repository => $"{_registry!.Host}/team/app";

    public async ValueTask InitializeAsync() => _registry = Requirements.HasRegistry ? await RegistryProcess.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
    }

    [RegistryFact]
    public async Task Many_writers_lose_no_entry()
    {
        var images = await Task.WhenAll(Enumerable.Range(0, Writers).Select(n => PushAsync($"image-{n}", $"v{n + 2}")));
        await _registry!.TakeRequestsAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.StartNew();
            await Task.WhenAll(images.Select(image => Task.Run(() => UpdateAsync($"fat-{round}", image))));
            var entries = (await ReadAsync($"fat-{round}")).Entries;
            TestContext.Current.SendDiagnosticMessage($"round {round}: {entries.Count} entries after {start.Elapsed.TotalSeconds:0.0} s");
            Assert.Equal(Writers, entries.Count);
        }
        var requests = await _registry.TakeRequestsAsync();
        TestContext.Current.SendDiagnosticMessage($"{requests.Count} requests, {requests.Count(request => request.Method == "PUT")} of them PUT");
    }

    [RegistryFact]
    public async Task Jobs_that_each_derive_the_whole_end_with_the_truth()
    {
        var architectures = new[] { "amd64", "arm64", "386", "s390x", "ppc64le", "riscv64" };
        var template = TagTemplate.Parse($"{Repository}:t-{{arch}}-1");
        for (var round = 0; round < 3; round++)
        {
            var images = await Task.WhenAll(architectures.Select((architecture, n) => Task.Run(async () =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300 * n));
                var image = await PushAsync($"build {round}", architecture, null, $"t-{architecture}-1");
                await UpdateAsync(new UpdateRequest(template.ShortName) { Template = template });
                return image;
            })));
            Assert.Equal(images.Select(image => image.Digest).Order(), (await ReadAsync("t-1")).Entries.Select(entry => entry.Digest).Order());
        }
    }

    [RegistryFact]
    public async Task One_writer_reads_writes_and_looks_twice()
    {
        var image = await PushAsync("image", "v2");
        await UpdateAsync("fat", await PushAsync("other", "v3"));
        await _registry!.TakeRequestsAsync();
        await UpdateAsync("fat", image);
        var requests = await _registry.TakeRequestsAsync();
        Assert.Equal(["GET", "PUT", "HEAD", "HEAD"], requests.Where(request => request.Path.EndsWith("/manifests/fat", StringComparison.Ordinal)).Select(request => request.Method));
    }

    [RegistryFact]
    public async Task An_entry_that_a_late_writer_took_away_is_brought_back()
    {
        var (mine, theirs) = (await PushAsync("mine", "v2"), await PushAsync("theirs", "v3"));
        var late = ImageIndex.Create(MediaTypes.OciIndex, [theirs]);
        var update = Task.Run(() => UpdateAsync("fat", mine));
        await UntilItHoldsAsync("fat", mine);
        await Store.PutManifestAsync(late.Document, ["fat"], CancellationToken.None);
        var done = await update;
        Assert.Equal([mine.Digest, theirs.Digest], (await ReadAsync("fat")).Entries.Select(entry => entry.Digest));
        Assert.Equal(($"{late.Digest}", 2), (done.PreviousDigest, done.Entries.Count));
    }

    [RegistryFact]
    public async Task Another_image_for_the_same_platform_is_not_fought_with()
    {
        var (mine, theirs) = (await PushAsync("mine", "v2"), await PushAsync("theirs", "v2"));
        var winner = ImageIndex.Create(MediaTypes.OciIndex, [theirs]);
        var update = Task.Run(() => UpdateAsync("fat", mine));
        await UntilItHoldsAsync("fat", mine);
        await Store.PutManifestAsync(winner.Document, ["fat"], CancellationToken.None);
        var failure = await Assert.ThrowsAsync<FatManifestContendedException>(() => update);
        Assert.Equal(winner.Digest, failure.Winner);
        Assert.Contains($"linux/amd64/v2 is {theirs.Digest}", failure.Message);
        Assert.Equal(winner.Digest, (await ReadAsync("fat")).Digest);
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_condition_that_a_registry_checks_against_something_else_is_left_out()
    {
        var refused = 0;
        using var http = new HttpClient();
        using var proxy = new AnsweringServer(context => Forward(http, context, ref refused));
        var image = await PushAsync("image", "v2");
        var place = ImageReference.Parse($"{proxy.Host}/team/app");
        var fat = await UpdateAsync(place.WithTag("fat"), image);
        Assert.Equal((1, "Created"), (refused, fat.Status));
    }

    private RegistryStore Store => Client().Open(ImageReference.Parse(Repository));

    private static RegistryClient Client() => new(new RegistryOptions { WillPush = true }, new CredentialResolver(null), NullSink.Instance);

    private Task<FatManifest> UpdateAsync(string tag, Descriptor image) => UpdateAsync(ImageReference.Parse($"{Repository}:{tag}"), image);

    private static Task<FatManifest> UpdateAsync(ImageReference name, Descriptor image) =>
        UpdateAsync(new UpdateRequest(name) { Images = [new JoinSource(name.Place.WithDigest(image.Digest))] });

    private static async Task<FatManifest> UpdateAsync(UpdateRequest request)
    {
        var updater = new FatManifestUpdater(new ImageStores(Client()), NullSink.Instance, 4);
        return await updater.ApplyAsync(await updater.PlanAsync(request, CancellationToken.None), CancellationToken.None);
    }

    private async Task<ImageIndex> ReadAsync(string tag) => ImageIndex.Parse(await Store.GetManifestAsync(tag, CancellationToken.None));

    private async Task UntilItHoldsAsync(string tag, Descriptor image)
    {
        while (await Store.ResolveAsync(tag, CancellationToken.None) is null)
            await Task.Delay(10);
        Assert.Equal(image.Digest, (await ReadAsync(tag)).Entries.Single().Digest);
    }

    private Task<Descriptor> PushAsync(string content, string variant) => PushAsync(content, "amd64", variant);

    private async Task<Descriptor> PushAsync(string content, string architecture, string? variant, params string[] tags)
    {
        var config = Encoding.UTF8.GetBytes($"{new JObject
        {
            ["os"] = "linux", ["architecture"] = architecture, ["variant"] = variant, ["author"] = content, ["rootfs"] = new JObject { ["type"] = "layers", ["diff_ids"] = new JArray() },
        }}");
        var image = ImageManifest.Create(new Descriptor(MediaTypes.OciConfig, Digest.Of(config), config.Length), []);
        await Store.PutBlobAsync(image.Config, BlobSource.FromBytes(config), CancellationToken.None);
        await Store.PutManifestAsync(image.Document, tags, CancellationToken.None);
        return image.Document.ToDescriptor() with { Platform = Platform.Create("linux", architecture, variant) };
    }

    // Hands on to the real registry, except for what has a condition.
    private string Forward(HttpClient http, System.Net.HttpListenerContext context, ref int refused)
    {
        var (asked, answer) = (context.Request, context.Response);
        if (asked.HttpMethod == "PUT" && (asked.Headers["If-Match"] ?? asked.Headers["If-None-Match"]) is not null)
        {
            refused++;
            answer.StatusCode = 412;
            return "";
        }
        using var request = new HttpRequestMessage(new HttpMethod(asked.HttpMethod), $"http://{_registry!.Host}{asked.RawUrl}");
        request.Headers.TryAddWithoutValidation("Accept", asked.Headers["Accept"]);
        if (asked.HasEntityBody)
        {
            request.Content = new StreamContent(asked.InputStream);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", asked.ContentType);
        }
        using var response = http.Send(request);
        answer.StatusCode = (int)response.StatusCode;
        answer.ContentType = response.Content.Headers.ContentType?.ToString();
        if (response.Headers.TryGetValues("Docker-Content-Digest", out var digest))
            answer.AddHeader("Docker-Content-Digest", digest.First());
        return response.Content.ReadAsStringAsync().GetAwaiter().GetResult();
    }
}
