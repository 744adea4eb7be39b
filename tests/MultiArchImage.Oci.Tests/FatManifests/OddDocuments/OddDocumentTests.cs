using System.Security.Cryptography;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.FatManifests.Comparison;
using MultiArchImage.Oci.FatManifests.Updating;
using MultiArchImage.Oci.FatManifests.Verification;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests.OddDocuments;

/// <summary>What is decided about each odd document: the table of docs/odd-documents.md, row by row.</summary>
public sealed class OddDocumentTests : IDisposable
{
    private const string Both = "linux/amd64 linux/arm64";

    private readonly FatManifestWorkbench _bench = new();

    /// <summary>Documents that can be read: what New-FatManifest makes of them (an error begins with !), and what Test-FatManifest finds.</summary>
    public static TheoryData<string, string, string> Readable { get; } = new()
    {
        { "entry-without-platform", Both, "PlatformMissing" },
        { "platform-half-stated", Both, "PlatformMissing" },
        { "entry-of-unknown-type", "!is of type 'application/vnd.example+json', not an image manifest", "NotImage" },
        { "type-that-lies", Both, "EntryTypeWrong" },
        { "same-entry-twice", Both, "PlatformTwice" },
        { "one-image-for-two", "!says linux/arm64, but its config says linux/amd64", "PlatformUntrue" },
        { "two-images-for-one", "!says linux/amd64, but its config says linux/arm64", "PlatformUntrue PlatformTwice" },
        { "schema1-entry", "!is an image of Docker's schema 1, which no engine of today reads", "NotImage" },
        { "artifact-entry", "!is an artifact of type 'application/vnd.cncf.helm.config.v1+json', not an image", "NotImage" },
        { "nested-index", "!as an entry, whose images belong to no platform of it; join them by their own names", "NestedIndex" },
        { "nested-index-in-disguise", "!as an entry, whose images belong to no platform of it; join them by their own names", "NestedIndex" },
        { "data-and-urls", Both, "" },
        { "size-that-lies", Both, "EntrySizeWrong" },
        { "size-of-layers-beyond-all", Both, "" },
        { "schema-version-of-text", Both, "" },
        { "foreign-layers", Both, "" },
        { "ten-thousand-entries", Both, "PlatformTwice" },
    };

    public static TheoryData<string> ReadableNames => [.. Readable.Select(row => row.Data.Item1)];

    /// <summary>Documents that nothing can be made of, and how the error says so.</summary>
    public static TheoryData<string, string> Unreadable { get; } = new()
    {
        { "platform-that-is-none", "states a platform that is none: 'no such'" },
        { "size-below-zero", "has the size '-1' for sha256:" },
        { "size-beyond-all", "which is no number of bytes" },
        { "digest-of-unknown-algorithm", "whose digest 'blake3:00' is none of sha256 or sha512" },
        { "entries-that-are-none", "has something else where a descriptor should be" },
        { "no-entries-field", "has no manifests field" },
        { "index-and-image-at-once", "engines would not agree on what it is (CVE-2021-41190)" },
        { "megabytes-of-annotations", "is a manifest of more than 4194304 bytes" },
    };

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Each_document_has_its_row() =>
        Assert.Equal(OddDocument.Names.Order(), Readable.Select(row => row.Data.Item1).Concat(Unreadable.Select(row => row.Data.Item1)).Order());

    [Theory, MemberData(nameof(Readable))]
    public async Task New_makes_a_right_one_or_says_why_not(string name, string outcome, string _)
    {
        await OddDocument.PutAsync(_bench, name);
        Assert.Matches(Pattern(outcome), await JoinAsync(_bench, name));
    }

    [Theory, MemberData(nameof(Readable))]
    public async Task Test_finds_what_is_wrong(string name, string _, string codes)
    {
        await OddDocument.PutAsync(_bench, name);
        var findings = await _bench.FindAsync(name);
        Assert.Equal(codes, string.Join(' ', findings.Select(finding => finding.Code)));
        Assert.All(findings, finding => Assert.InRange(finding.Message.Length, 1, 300));
    }

    [Theory, MemberData(nameof(ReadableNames))]
    public async Task Get_and_Compare_show_it_as_it_is(string name)
    {
        await OddDocument.PutAsync(_bench, name);
        var document = ImageIndex.Parse(await _bench.Store.GetManifestAsync(name, Cancel));
        var reader = new FatManifestReader(_bench.Stores);
        Assert.Equal(document.Entries.Select(entry => $"{entry.Digest}"), (await reader.ReadAsync(Name(name), Cancel)).Entries.Select(entry => entry.Digest));
        Assert.NotEmpty(await ListAsync(reader.ReadConfigsAsync(ReferencePattern.Parse($"{Name(name)}"), Cancel)));
        Assert.NotEmpty(await CompareAsync(name));
    }

    [Theory, MemberData(nameof(ReadableNames))]
    public async Task Update_leaves_the_odd_entry_as_it_is(string name)
    {
        await OddDocument.PutAsync(_bench, name);
        var before = ImageIndex.Parse(await _bench.Store.GetManifestAsync(name, Cancel));
        await UpdateAsync(name);
        var after = ImageIndex.Parse(await _bench.Store.GetManifestAsync(name, Cancel));
        Assert.Equal(before.Entries.Count + 1, after.Entries.Count);
        Assert.All(
            (JArray)before.Document.Json["manifests"]!,
            entry => Assert.Contains((JArray)after.Document.Json["manifests"]!, kept => JToken.DeepEquals(entry, kept)));
    }

    [Theory, MemberData(nameof(Unreadable))]
    public async Task What_cannot_be_read_is_an_error_everywhere_and_a_finding_of_Test(string name, string reason)
    {
        await OddDocument.PutAsync(_bench, name);
        var finding = Assert.Single(await _bench.FindAsync(name));
        Assert.Equal(("Unreadable", "Error"), (finding.Code, finding.Severity));
        Assert.Contains(reason, finding.Message, StringComparison.Ordinal);
        var reader = new FatManifestReader(_bench.Stores);
        foreach (var use in new Func<Task>[] { () => reader.ReadAsync(Name(name), Cancel), () => CompareAsync(name), () => UpdateAsync(name) })
            Assert.Contains(reason, (await Assert.ThrowsAsync<InvalidImageException>(use)).Message, StringComparison.Ordinal);
        Assert.Contains(reason, await JoinAsync(_bench, name), StringComparison.Ordinal);
    }

    [RegistryFact]
    public async Task A_registry_changes_nothing_of_that()
    {
        // Those that the registry itself takes: it looks whether entries are there, and what their types are.
        string[] accepted = [
            "entry-without-platform", "platform-half-stated", "same-entry-twice", "one-image-for-two", "two-images-for-one", "artifact-entry",
            "nested-index", "data-and-urls", "size-that-lies"];
        await using var registry = await RegistryProcess.StartAsync();
        using var fixture = new RegistryFixture();
        foreach (var row in Readable.Where(row => accepted.Contains(row.Data.Item1)))
        {
            var (name, outcome, codes) = row.Data;
            using var bench = new FatManifestWorkbench(new ImageStores(fixture.Client()), ImageReference.Parse($"{registry.Host}/{name}"));
            await OddDocument.PutAsync(bench, name);
            Assert.Matches(Pattern(outcome), await JoinAsync(bench, name));
            Assert.Equal((name, codes), (name, string.Join(' ', (await bench.FindAsync(name)).Select(finding => finding.Code))));
        }
    }

    [Fact]
    public async Task What_is_made_anew_says_the_true_type_and_size()
    {
        foreach (var name in new[] { "size-that-lies", "type-that-lies", "entry-without-platform", "same-entry-twice" })
        {
            await OddDocument.PutAsync(_bench, name);
            var plan = await PlanAsync(_bench, name, "anew");
            await new FatManifestPublisher(NullSink.Instance, 4).PublishAsync(plan, Cancel);
            Assert.Empty(await _bench.FindAsync("anew"));
        }
    }

    [Fact]
    public async Task A_fat_manifest_that_is_joined_into_itself_stays_what_it_is()
    {
        await _bench.IndexAsync("all", await _bench.ImageAsync("linux/amd64"), await _bench.ImageAsync("linux/arm64"));
        Assert.Equal("Unchanged", (await PlanAsync(_bench, "all", "all")).Outcome);
        await _bench.ImageAsync("linux/s390x", tag: "s390x");
        var plan = await PlanAsync(_bench, "all", "all", "s390x");
        Assert.Equal(("Updated", 3), (plan.Outcome, plan.Index.Entries.Count));
        var update = new UpdateRequest(Name("all")) { Images = [new JoinSource(Name("all"))] };
        Assert.True((await new FatManifestUpdater(_bench.Stores, NullSink.Instance, 4).PlanAsync(update, Cancel)).IsNoOp);
    }

    [Fact]
    public async Task An_entry_with_a_digest_of_sha512_is_as_good_as_any()
    {
        var amd64 = await _bench.ImageAsync("linux/amd64");
        var bytes = await File.ReadAllBytesAsync(_bench.FileOf(amd64.Digest), Cancel);
        var digest = Digest.FromHash("sha512", SHA512.HashData(bytes));
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.FileOf(digest))!);
        await File.WriteAllBytesAsync(_bench.FileOf(digest), bytes, Cancel);
        await _bench.IndexAsync("sha512", amd64 with { Digest = digest });
        Assert.Empty(await _bench.FindAsync("sha512", new VerificationRequest { Deep = true }));
        Assert.Equal(digest, Assert.Single((await PlanAsync(_bench, "sha512", "new")).Index.Entries).Digest);
    }

    [Fact]
    public async Task More_annotations_than_a_registry_takes_are_refused_before_anything_is_pushed()
    {
        await _bench.ImageAsync("linux/amd64", tag: "amd64");
        var request = new JoinRequest { Annotations = new Dictionary<string, string> { ["a"] = new('x', 10_000_000) } };
        var failure = await Assert.ThrowsAsync<InvalidImageException>(() => PlanAsync(_bench, request, "new", "amd64"));
        Assert.Contains("more than 4194304 are refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task The_document_says_what_it_is_not_who_sends_it()
    {
        var index = ImageIndex.Create(MediaTypes.OciIndex, []).Document;
        using var server = new AnsweringServer(context =>
        {
            context.Response.ContentType = MediaTypes.DockerManifest;
            return System.Text.Encoding.UTF8.GetString(index.Bytes.Span);
        });
        using var fixture = new RegistryFixture();
        Assert.True((await fixture.Open($"{server.Host}/a").GetManifestAsync("1", Cancel)).IsIndex);
    }

    [Fact]
    public async Task A_name_that_holds_an_artifact_or_an_image_of_schema_1_is_no_fat_manifest_and_becomes_none()
    {
        await _bench.ImageAsync("linux/amd64");
        await _bench.PutRawAsync("schema1", """{"schemaVersion":1,"mediaType":"application/vnd.docker.distribution.manifest.v1+prettyjws","fsLayers":[]}"""u8.ToArray());
        var signature = await _bench.BlobAsync("application/vnd.dev.cosign.artifact.sig.v1+json", "{}");
        await _bench.PutRawAsync("signature", ImageManifest.Create(signature, []).Document.Bytes.ToArray());
        foreach (var (name, reason) in new[] { ("schema1", "is an image of Docker's schema 1"), ("signature", "is an artifact of type 'application/vnd.dev.cosign.artifact.sig.v1+json'") })
        {
            Assert.Contains(reason, await JoinAsync(_bench, name), StringComparison.Ordinal);
            Assert.Equal("NotFatManifest", Assert.Single(await _bench.FindAsync(name)).Code);
            await Assert.ThrowsAsync<NotFatManifestException>(() => new FatManifestReader(_bench.Stores).ReadAsync(Name(name), Cancel));
            await Assert.ThrowsAsync<NotFatManifestException>(() => UpdateAsync(name));
            await Assert.ThrowsAsync<NotFatManifestException>(() => CompareAsync(name));
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // An error is looked for anywhere, platforms must be all.
    private static string Pattern(string outcome) =>
        outcome.StartsWith('!') ? System.Text.RegularExpressions.Regex.Escape(outcome[1..]) : $"^{outcome}$";

    private static async Task<string> JoinAsync(FatManifestWorkbench bench, string tag)
    {
        try
        {
            return string.Join(' ', (await PlanAsync(bench, tag, "joined")).Index.Entries.Select(entry => entry.Platform));
        }
        catch (ImageException failure)
        {
            return failure.Message;
        }
    }

    private static Task<FatManifestPlan> PlanAsync(FatManifestWorkbench bench, string tag, string target, params string[] more) =>
        PlanAsync(bench, new JoinRequest(), target, [tag, .. more]);

    private static async Task<FatManifestPlan> PlanAsync(FatManifestWorkbench bench, JoinRequest request, string target, params string[] tags)
    {
        var planned = await new FatManifestPlanner(bench.Stores, NullSink.Instance).PlanAsync(
            [.. tags.Select(tag => new JoinSource(bench.Place.WithTag(tag)))], request with { Name = bench.Place.WithTag(target) }, Cancel);
        return Assert.Single(planned).Plan ?? throw planned[0].Failure!;
    }

    private async Task<List<FatManifestDifference>> CompareAsync(string tag)
    {
        await _bench.IndexAsync("right", await _bench.ImageAsync("linux/amd64"), await _bench.ImageAsync("linux/arm64"));
        return await ListAsync(new FatManifestComparer(_bench.Stores).CompareAsync(
            new FatManifest { Reference = $"{Name(tag)}" }, new FatManifest { Reference = $"{Name("right")}" }, Cancel));
    }

    private async Task UpdateAsync(string tag)
    {
        await _bench.ImageAsync("linux/s390x", tag: "s390x");
        var updater = new FatManifestUpdater(_bench.Stores, NullSink.Instance, 4);
        await updater.ApplyAsync(await updater.PlanAsync(new UpdateRequest(Name(tag)) { Images = [new JoinSource(Name("s390x"))] }, Cancel), Cancel);
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
            list.Add(item);
        return list;
    }

    private ImageReference Name(string tag) => _bench.Place.WithTag(tag);
}
