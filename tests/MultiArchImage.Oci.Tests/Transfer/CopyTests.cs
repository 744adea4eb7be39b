using System.Text.RegularExpressions;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Oci.Transfer.Copying;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Transfer;

public sealed class CopyTests(CopyWorkbench bench) : IClassFixture<CopyWorkbench>
{
    [RegistryFact]
    public async Task A_fat_manifest_arrives_whole_and_byte_for_byte_wherever_it_goes()
    {
        ImageReference[] names = [bench.Same("whole/repo:1"), bench.Other("whole/repo:1"), bench.Layout("whole").WithTag("1")];
        var copies = await bench.CopyAsync(bench.Name("k8s-latest"), names);
        var source = await bench.ReadWholeAsync(bench.Name("k8s-latest"));
        foreach (var name in names)
            Assert.Equal(source, await bench.ReadWholeAsync(name));
        Assert.All(copies.Cast<FatManifest>(), copy => Assert.Equal(("Created", $"{bench.Fat.Digest}", null), (copy.Status, copy.Digest, copy.PreviousDigest)));
        Assert.Equal(names.Select(name => $"{name}"), copies.Select(copy => $"{copy}"));
    }

    [RegistryFact]
    public async Task A_layout_goes_back_to_a_registry_unchanged()
    {
        await bench.CopyAsync(bench.Name("k8s-latest"), bench.Layout("back"));
        await bench.CopyAsync(bench.Layout("back").WithTag("k8s-latest"), bench.Other("back"));
        Assert.Equal(await bench.ReadWholeAsync(bench.Name("k8s-latest")), await bench.ReadWholeAsync(bench.Other("back:k8s-latest")));
    }

    [RegistryFact]
    public async Task A_single_image_keeps_its_tag_and_says_where_it_is_now()
    {
        var copy = Assert.IsType<ArchImage>(Assert.Single(await bench.CopyAsync(bench.Name("k8s-arm64-latest"), bench.Other("single"))));
        Assert.Equal(($"{bench.Other("single:k8s-arm64-latest")}", "linux/arm64", "Registry"), (copy.Reference, copy.Platform, copy.Location));
        Assert.Equal($"{await bench.HeldAsync(bench.Other("single:k8s-arm64-latest"))}", copy.Digest);
    }

    [RegistryFact]
    public async Task What_is_known_by_digest_goes_there_by_digest()
    {
        var name = bench.Source.Place.WithDigest(bench.Fat.Digest);
        Assert.Equal("Created", Status(await bench.CopyAsync(name, bench.Other("untagged"))));
        Assert.Equal(bench.Fat.Digest, await bench.HeldAsync(bench.Other("untagged").WithDigest(bench.Fat.Digest)));
        Assert.Equal("Unchanged", Status(await bench.CopyAsync(name, bench.Other("untagged"))));
    }

    [RegistryFact]
    public async Task A_place_without_a_tag_gets_it_also_beside_one_with_a_tag()
    {
        var name = bench.Source.Place.WithDigest(bench.Fat.Digest);
        await bench.CopyAsync(name, bench.Other("tagged:1"), bench.Other("beside"));
        Assert.Equal(bench.Fat.Digest, await bench.HeldAsync(bench.Other("tagged:1")));
        Assert.Equal(bench.Fat.Digest, await bench.HeldAsync(bench.Other("beside").WithDigest(bench.Fat.Digest)));
    }

    [RegistryFact]
    public async Task A_digest_goes_before_what_its_tag_means_by_now()
    {
        await bench.CopyAsync(bench.Name("k8s-amd64-latest"), bench.Name("moved"));
        await bench.CopyAsync(bench.Name("moved").WithDigest(bench.Fat.Digest), bench.Other("by-digest"));
        Assert.Equal(bench.Fat.Digest, await bench.HeldAsync(bench.Other("by-digest:moved")));
    }

    [RegistryFact]
    public async Task What_a_tag_held_is_remembered_and_the_same_again_is_unchanged()
    {
        await bench.CopyAsync(bench.Name("k8s-amd64-latest"), bench.Name("stable"));
        var held = await bench.HeldAsync(bench.Name("stable"));
        var updated = Assert.IsType<FatManifest>(Assert.Single(await bench.CopyAsync(bench.Name("k8s-latest"), bench.Name("stable"))));
        Assert.Equal(("Updated", $"{held}"), (updated.Status, updated.PreviousDigest));
        Assert.Equal("Unchanged", Status(await bench.CopyAsync(bench.Name("k8s-latest"), bench.Name("stable"))));
    }

    [RegistryFact]
    public async Task Platforms_are_taken_out_as_a_valid_index_with_their_attestations()
    {
        var request = new CopyRequest(bench.Name("k8s-latest"), [bench.Other("some")]) { Platforms = [Platform.Parse("linux/amd64")] };
        var copy = Assert.IsType<FatManifest>(Assert.Single(await bench.CopyAsync(request)));
        Assert.Equal(["linux/amd64"], copy.Platforms.Where(platform => platform != "unknown/unknown"));
        Assert.Equal(["Image", "Attestation"], copy.Entries.Select(entry => entry.Kind));
        Assert.NotEqual($"{bench.Fat.Digest}", copy.Digest);
        Assert.Contains(bench.Sink.Lines, line => line.Contains(copy.Digest) && line.Contains($"{bench.Fat.Digest}"));
        await bench.ReadWholeAsync(bench.Other("some:k8s-latest"));
    }

    [RegistryFact]
    public async Task All_platforms_are_the_same_index()
    {
        var request = new CopyRequest(bench.Name("k8s-latest"), [bench.Name("all")]) { Platforms = [Platform.Parse("linux/arm64"), Platform.Parse("linux/amd64")] };
        await bench.CopyAsync(request);
        Assert.Equal(bench.Fat.Digest, await bench.HeldAsync(bench.Name("all")));
    }

    [RegistryTheory]
    [InlineData("k8s-latest")]
    [InlineData("k8s-amd64-latest")]
    public async Task An_unknown_platform_is_refused(string tag)
    {
        var request = new CopyRequest(bench.Name(tag), [bench.Other("none")]) { Platforms = [Platform.Parse("linux/amd64"), Platform.Parse("linux/s390x")] };
        var failure = await Assert.ThrowsAsync<NoImageForPlatformException>(() => bench.PlanAsync(request));
        Assert.Contains("no image for linux/s390x", failure.Message);
    }

    [RegistryFact]
    public async Task No_tag_that_holds_something_else_is_moved_where_that_was_asked()
    {
        await bench.CopyAsync(bench.Name("k8s-amd64-latest"), bench.Other("kept:1"));
        var held = await bench.HeldAsync(bench.Other("kept:1"));
        var request = new CopyRequest(bench.Name("k8s-latest"), [bench.Other("kept:2"), bench.Other("kept:1")]) { NoClobber = true };
        var failure = await Assert.ThrowsAsync<NameTakenException>(() => bench.CopyAsync(request));
        Assert.Contains($"{held}", failure.Message);
        Assert.Null(await bench.HeldAsync(bench.Other("kept:2")));
        Assert.True((await bench.PlanAsync(new CopyRequest(bench.Name("k8s-amd64-latest"), [bench.Other("kept:1")]) { NoClobber = true })).IsNoOp);
    }

    [RegistryFact]
    public async Task A_layout_with_one_other_tag_does_not_answer_for_latest()
    {
        var layout = bench.Layout("latest");
        await bench.CopyAsync(bench.Name("k8s-latest"), layout.WithTag("1"));
        Assert.Equal("Created", Status(await bench.CopyAsync(bench.Name("k8s-latest"), layout.WithTag("latest"))));
        Assert.Equal("Unchanged", Status(await bench.CopyAsync(bench.Name("k8s-latest"), layout.WithTag("latest"))));
    }

    [RegistryFact]
    public async Task The_plan_says_what_moves_where_and_what_it_takes()
    {
        await bench.CopyAsync(bench.Name("k8s-amd64-latest"), bench.Same("plan:1"));
        var held = await bench.HeldAsync(bench.Same("plan:1"));
        var plan = await bench.PlanAsync(
            new CopyRequest(bench.Name("k8s-latest"), [bench.Same("plan:1"), bench.Other("plan"), bench.Other("plan-b"), bench.Layout("plan")]));
        var text = await new CopyDescription(plan).InFullAsync(CancellationToken.None);
        Assert.Contains($"{bench.Same("plan:1")}, in place of {held!.Short}; {bench.Other("plan:k8s-latest")}; ", text);
        Assert.Matches($@"to {bench.Same("plan")}: 4 manifests and 6 blobs from \S+: 2 there already, .*; 4 mounted, ", text);
        Assert.Matches($@"to {bench.Other("plan")}: 4 manifests and 6 blobs from \S+: 6 sent, ", text);
        Assert.Matches($@"to {bench.Other("plan-b")}: 4 manifests and 6 blobs from \S+: 6 mounted, ", text);
        Assert.Matches($@"to {Regex.Escape($"{bench.Layout("plan")}")}: 4 manifests and 6 blobs from \S+: 6 sent, ", text);
        Assert.Equal(held, await bench.HeldAsync(bench.Same("plan:1")));
    }

    [RegistryFact]
    public async Task Tags_of_all_registries_are_put_back_when_one_cannot_move()
    {
        await bench.CopyAsync(bench.Name("k8s-amd64-latest"), bench.Same("burst:1"), bench.Layout("burst").WithTag("1"));
        var held = await bench.HeldAsync(bench.Same("burst:1"));
        // A file where the registry wants a folder: it can read that the tag is not there, and cannot write it.
        File.WriteAllText(Directory.CreateDirectory(Path.Combine(
            bench.Second.Storage, "docker/registry/v2/repositories/burst/_manifests/tags/bad")).FullName + "/index", "");
        var failure = await Assert.ThrowsAsync<NamesPartlyMovedException>(() => bench.CopyAsync(
            bench.Name("k8s-latest"), bench.Same("burst:1"), bench.Layout("burst").WithTag("1"), bench.Other("burst:bad"), bench.Other("burst:after")));
        Assert.Empty(failure.Left);
        Assert.Equal([held, held, null], [await bench.HeldAsync(bench.Same("burst:1")), await bench.HeldAsync(bench.Layout("burst").WithTag("1")), await bench.HeldAsync(bench.Other("burst:after"))]);
    }

    [RegistryFact]
    public async Task Nothing_moves_where_one_registry_cannot_take_the_content()
    {
        await Assert.ThrowsAnyAsync<ImageException>(() => bench.CopyAsync(
            bench.Name("k8s-latest"), bench.Same("half:1"), ImageReference.Parse("127.0.0.1:9/half:1")));
        Assert.Null(await bench.HeldAsync(bench.Same("half:1")));
    }

    [RegistryFact]
    public void One_name_is_not_given_to_two_images()
    {
        var planner = new CopyPlanner(bench.Stores, bench.Sink);
        planner.Claim(new CopyRequest(bench.Name("k8s-amd64-latest"), [bench.Other("one:1")]));
        var failure = Assert.Throws<NameConflictException>(() => planner.Claim(new CopyRequest(bench.Name("k8s-arm64-latest"), [bench.Other("one:1")])));
        Assert.Contains("k8s-amd64-latest", failure.Message);
        Assert.Contains("k8s-arm64-latest", failure.Message);
    }

    [RegistryFact]
    public async Task A_whole_layout_is_all_its_tags_and_tags_about_other_manifests_are_no_images()
    {
        var layout = bench.Layout("several");
        await bench.CopyAsync(bench.Name("k8s-latest"), layout.WithTag("1"), layout.WithTag("2"), layout.WithTag($"sha256-{bench.Fat.Digest.Hex}.sig"));
        var pattern = ReferencePattern.Parse($"{layout}");
        Assert.Null(CopySources.Named(pattern, [bench.Other("several")]));
        Assert.Equal(layout, CopySources.Named(pattern, [bench.Other("several:1")]));
        Assert.Equal([layout.WithTag("1"), layout.WithTag("2")], await FindAsync(pattern));
        Assert.Empty(await FindAsync(ReferencePattern.Parse($"{layout}:k8s-*")));
        Assert.Contains(bench.Sink.Lines, line => line.Contains("is like k8s-*: nothing was copied"));
    }

    [Fact]
    public async Task A_missing_entry_shows_before_anything_is_written()
    {
        using var source = new FatManifestWorkbench();
        var (here, gone) = (await source.ImageAsync("linux/amd64"), await source.ImageAsync("linux/arm64"));
        await source.IndexAsync("1", here, gone);
        File.Delete(source.FileOf(gone.Digest));
        using var target = new FatManifestWorkbench(source.Stores);
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => PlanAsync(source, target));
        Assert.False(Directory.Exists(target.Place.Path));
    }

    [Fact]
    public async Task An_artifact_among_the_images_comes_along_and_layers_that_may_not_leave_stay()
    {
        using var source = new FatManifestWorkbench();
        using var target = new FatManifestWorkbench(source.Stores);
        var chart = ImageManifest.Create(
            await source.BlobAsync("application/vnd.cncf.helm.config.v1+json", "{}"),
            [await source.BlobAsync("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "chart")]).Document;
        await source.Store.PutManifestAsync(chart, [], CancellationToken.None);
        var foreign = new Descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest.Of("far away"u8), 8) { Urls = ["https://example.com/layer"] };
        var windows = ImageManifest.Create(
            await source.BlobAsync(MediaTypes.DockerConfig, $"{FatManifestWorkbench.Config("windows/amd64", "base")}"), [foreign]).Document;
        await source.Store.PutManifestAsync(windows, [], CancellationToken.None);
        var index = await source.IndexAsync("1", chart.ToDescriptor(), windows.ToDescriptor() with { Platform = Platform.Parse("windows/amd64") });
        using var copier = new ImageCopier(Activity.NullSink.Instance, 4);
        await copier.CopyAsync(await PlanAsync(source, target), CancellationToken.None);
        Assert.Equal(index.Digest, (await target.Store.GetManifestAsync("1", CancellationToken.None)).Digest);
        Assert.True(await target.Store.HasBlobAsync(Digest.Of("chart"u8), CancellationToken.None));
        Assert.False(await target.Store.HasBlobAsync(foreign.Digest, CancellationToken.None));
    }

    [Fact]
    public async Task What_is_neither_an_index_nor_an_image_manifest_is_refused_by_name()
    {
        using var source = new FatManifestWorkbench();
        await source.IndexAsync("1", await source.BlobAsync("application/vnd.example+json", """{"mediaType":"application/vnd.example+json"}"""));
        using var target = new FatManifestWorkbench(source.Stores);
        var failure = await Assert.ThrowsAsync<InvalidImageException>(() => PlanAsync(source, target));
        Assert.Contains("application/vnd.example+json", failure.Message);
    }

    [Fact]
    public async Task Indexes_that_share_their_entries_are_read_and_walked_once()
    {
        using var source = new FatManifestWorkbench();
        // Each level names all of the one below: as many ways from the top to the image as the square of that, and one document for each name.
        IReadOnlyList<Descriptor> level = [await source.ImageAsync("linux/amd64")];
        for (var depth = 0; depth < 2; depth++)
        {
            var entries = level;
            level = [.. await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
            {
                var index = ImageIndex.Create(MediaTypes.OciIndex, entries, new Dictionary<string, string> { ["number"] = $"{number}" }).Document;
                await source.Store.PutManifestAsync(index, [], CancellationToken.None);
                return index.ToDescriptor();
            }))];
        }
        await source.IndexAsync("1", [.. level]);
        using var target = new FatManifestWorkbench(source.Stores);
        Assert.Equal(202, (await PlanAsync(source, target)).Tree.Documents.Count());
    }

    private static Task<CopyPlan> PlanAsync(FatManifestWorkbench source, FatManifestWorkbench target) =>
        new CopyPlanner(source.Stores, Activity.NullSink.Instance).PlanAsync(new CopyRequest(source.Place.WithTag("1"), [target.Place]), CancellationToken.None);

    private async Task<IReadOnlyList<ImageReference>> FindAsync(ReferencePattern pattern)
    {
        var found = new List<ImageReference>();
        await foreach (var name in new CopySources(bench.Stores, bench.Sink).FindAsync(pattern, CancellationToken.None))
            found.Add(name);
        return found;
    }

    private static string? Status(IReadOnlyList<object> copies) => Assert.IsType<FatManifest>(Assert.Single(copies)).Status;
}
