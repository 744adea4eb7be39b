using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Stores;

public sealed class LayoutStoreTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();
    private readonly LayoutStore _store;

    public LayoutStoreTests() => _store = new LayoutStore(LayoutPath);

    private string LayoutPath => _folder["layout"];

    private JArray Entries => (JArray)JObject.Parse(File.ReadAllText(_folder["layout", "index.json"]))["manifests"]!;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_put_under_a_tag_comes_out_again()
    {
        var image = new SampleImage("one");
        await image.PutAsync(_store, "1.0", "latest");

        Assert.Equal(image.Manifest.Document.ToDescriptor(), await _store.ResolveAsync("1.0", Never));
        var manifest = await _store.GetManifestAsync("latest", Never);
        Assert.Equal(image.Manifest.Document.Bytes.ToArray(), manifest.Bytes.ToArray());
        Assert.Equal(["1.0", "latest"], await _store.TagsAsync());
        Assert.True(await _store.HasBlobAsync(image.Layer.Digest, Never));
        Assert.Equal(image.LayerBytes.ToArray(), await _store.ReadAsync(image.Layer));
    }

    [Fact]
    public void A_place_is_the_folder_without_a_tag()
    {
        Assert.Equal($"oci:{LayoutPath}", _store.Place.FullName);
        Assert.Equal(_store.Place, new LayoutStore(LayoutPath + Path.DirectorySeparatorChar).Place);
        Assert.Throws<ArgumentException>(() => new LayoutStore("relative"));
    }

    [Fact]
    public async Task A_blob_is_sent_once()
    {
        var image = new SampleImage("one");
        var source = BlobSource.FromBytes(image.LayerBytes);
        Assert.Equal(BlobTransfer.Sent, await _store.PutBlobAsync(image.Layer, source, Never));
        Assert.Equal(BlobTransfer.Present, await _store.PutBlobAsync(image.Layer, source, Never));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_has_nothing_and_says_so()
    {
        Assert.Null(await _store.ResolveAsync("latest", Never));
        Assert.Null(await _store.GetIntendedNameAsync("latest", Never));
        Assert.False(await _store.HasBlobAsync(Digest.Of("x"u8), Never));
        var failure = await Assert.ThrowsAsync<ManifestNotFoundException>(() => _store.GetManifestAsync("latest", Never));
        Assert.Contains(LayoutPath, failure.Message, StringComparison.Ordinal);
        Assert.Contains("no layout in that folder", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => _store.TagsAsync());
        Assert.False(Directory.Exists(LayoutPath));
    }

    [Fact]
    public async Task An_unknown_tag_is_an_error_that_lists_the_known_ones()
    {
        await new SampleImage("one").PutAsync(_store, "1.0");
        await new SampleImage("two").PutAsync(_store, "2.0");
        var failure = await Assert.ThrowsAsync<ManifestNotFoundException>(() => _store.GetManifestAsync("3.0", Never));
        Assert.Contains("1.0, 2.0", failure.Message, StringComparison.Ordinal);
        Assert.Null(await _store.ResolveAsync("latest", Never));
    }

    [Fact]
    public async Task Latest_is_the_only_image_whatever_its_tag()
    {
        var image = new SampleImage("one");
        await image.PutAsync(_store, "1.0");
        Assert.Equal(image.Manifest.Document.Digest, (await _store.ResolveAsync("latest", Never))?.Digest);
    }

    [Fact]
    public async Task A_tag_that_moves_leaves_one_entry_and_the_earlier_manifest()
    {
        var (first, second) = (new SampleImage("one"), new SampleImage("two"));
        await first.PutAsync(_store, "latest");
        await second.PutAsync(_store, "latest");
        Assert.Single(Entries);
        Assert.Equal(second.Manifest.Document.Digest, (await _store.ResolveAsync("latest", Never))?.Digest);
        Assert.NotNull(await _store.ResolveAsync(first.Manifest.Document.Digest.ToString(), Never));
    }

    [Fact]
    public async Task The_same_put_twice_does_not_touch_the_index()
    {
        var image = new SampleImage("one");
        await image.PutAsync(_store, "latest");
        var longAgo = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_folder["layout", "index.json"], longAgo);
        await image.PutAsync(_store, "latest");
        Assert.Equal(longAgo, File.GetLastWriteTimeUtc(_folder["layout", "index.json"]));
    }

    [Fact]
    public async Task A_manifest_inside_an_index_is_found_by_its_digest()
    {
        var (amd64, arm64) = (new SampleImage("a"), new SampleImage("b", "arm64"));
        await amd64.PutAsync(_store);
        await arm64.PutAsync(_store);
        var index = ImageIndex.Create(MediaTypes.OciIndex, [
            amd64.Manifest.Document.ToDescriptor() with { Platform = Platform.Parse("linux/amd64") },
            arm64.Manifest.Document.ToDescriptor() with { Platform = Platform.Parse("linux/arm64") }]);
        await _store.PutManifestAsync(index.Document, ["latest"], Never);

        Assert.Equal(arm64.Manifest.Document.ToDescriptor(), await _store.ResolveAsync(arm64.Manifest.Document.Digest.ToString(), Never));
        Assert.Null(await _store.ResolveAsync(amd64.Layer.Digest.ToString(), Never));
        Assert.Null(await _store.ResolveAsync(amd64.Manifest.Config.Digest.ToString(), Never));
        Assert.Single(Entries);
    }

    [Fact]
    public async Task An_entry_carries_the_name_that_its_image_is_meant_for()
    {
        var named = new LayoutStore(LayoutPath, ImageReference.Parse("akraino/validation:ignored"));
        await new SampleImage("one").PutAsync(named, "k8s-amd64-latest");
        await new SampleImage("two").PutAsync(_store, "unnamed");

        Assert.Equal("docker.io/akraino/validation:k8s-amd64-latest", (string?)Entries[0]["annotations"]![Annotations.ImageName]);
        Assert.Equal("akraino/validation:k8s-amd64-latest", $"{await _store.GetIntendedNameAsync("k8s-amd64-latest", Never)}");
        Assert.Null(await _store.GetIntendedNameAsync("unnamed", Never));
    }

    [Fact]
    public async Task Unknown_fields_and_entries_of_others_stay()
    {
        await new SampleImage("one").PutAsync(_store, "1.0");
        var path = _folder["layout", "index.json"];
        var json = JObject.Parse(await File.ReadAllTextAsync(path, Never));
        json["annotations"] = new JObject { ["a"] = "b" };
        json["manifests"]![0]!["x-field"] = "kept";
        var foreign = new JObject { ["mediaType"] = "text/plain", ["digest"] = "blake3:00", ["size"] = 1, ["x"] = new JArray(1, 2) };
        ((JArray)json["manifests"]!).Add(foreign);
        await File.WriteAllTextAsync(path, json.ToString(), Never);

        await new SampleImage("one").PutAsync(_store, "1.0", "1");
        await new SampleImage("two").PutAsync(_store, "2.0");

        var written = JObject.Parse(await File.ReadAllTextAsync(path, Never));
        Assert.Equal("b", (string?)written["annotations"]!["a"]);
        Assert.Equal("kept", (string?)Entries[0]["x-field"]);
        Assert.Contains(Entries, entry => JToken.DeepEquals(entry, foreign));
        Assert.Equal(["1.0", "1", "2.0"], await _store.TagsAsync());
    }

    [Fact]
    public async Task Writers_at_the_same_time_lose_nothing()
    {
        const int writers = 12;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(number => Task.Run(async () =>
        {
            var store = new LayoutStore(LayoutPath);
            await new SampleImage("the same").PutAsync(store, $"same-{number}");
            await new SampleImage($"number {number}").PutAsync(store, $"own-{number}");
        })));
        var tags = await _store.TagsAsync();
        Assert.Equal(2 * writers, tags.Count);
        foreach (var tag in tags)
            Assert.NotNull(await _store.GetManifestAsync(tag, Never));
        Assert.Empty(Directory.EnumerateFiles(LayoutPath, ".partial-*"));
    }

    [Fact]
    public async Task A_writer_waits_for_the_lock_only_so_long()
    {
        await new SampleImage("one").PutAsync(_store, "1.0");
        using var held = new FileStream(_folder["layout", "index.json.lock"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var hasty = new LayoutStore(LayoutPath, null, TimeSpan.FromMilliseconds(50));
        var failure = await Assert.ThrowsAsync<LayoutBusyException>(() => new SampleImage("two").PutAsync(hasty, "2.0"));
        Assert.Contains(LayoutPath, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_writer_leaves_what_disturbs_nobody_and_goes_in_time()
    {
        await new SampleImage("one").PutAsync(_store, "1.0");
        var (fresh, old) = (_folder.Write("layout/.partial-fresh", "half"), _folder.Write("layout/.partial-old", "half"));
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        await new SampleImage("two").PutAsync(new LayoutStore(LayoutPath), "2.0");
        Assert.True(File.Exists(fresh));
        Assert.False(File.Exists(old));
        Assert.Equal(["1.0", "2.0"], await _store.TagsAsync());
    }

    [Fact]
    public async Task A_writer_killed_before_the_layout_was_whole_is_followed_by_another()
    {
        _folder.Write("layout/index.json", """{"schemaVersion":2,"manifests":[]}""");
        _folder.Write("layout/.partial-mark", "{");
        Assert.Null(await _store.ResolveAsync("latest", Never));
        await new SampleImage("one").PutAsync(_store, "1.0");
        Assert.Equal(["1.0"], await _store.TagsAsync());
    }

    [Fact]
    public async Task A_source_with_other_content_leaves_nothing()
    {
        var image = new SampleImage("one");
        foreach (var bytes in new[] { new byte[image.Layer.Size], new byte[image.Layer.Size + 1], new byte[1] })
        {
            await Assert.ThrowsAsync<DigestMismatchException>(
                () => _store.PutBlobAsync(image.Layer, BlobSource.FromBytes(bytes), Never));
        }
        Assert.False(await _store.HasBlobAsync(image.Layer.Digest, Never));
        Assert.Empty(Directory.EnumerateFiles(LayoutPath, ".partial-*"));
    }

    [Fact]
    public async Task A_damaged_blob_is_noticed_when_it_is_read_and_mended_when_its_length_tells()
    {
        var image = new SampleImage("one");
        await image.PutAsync(_store, "1.0");
        var path = _folder["layout", "blobs", "sha256", image.Layer.Digest.Hex];
        await File.WriteAllBytesAsync(path, new byte[image.Layer.Size], Never);
        await Assert.ThrowsAsync<DigestMismatchException>(() => _store.ReadAsync(image.Layer));

        await File.WriteAllBytesAsync(path, [1], Never);
        Assert.Equal(BlobTransfer.Sent, await _store.PutBlobAsync(image.Layer, BlobSource.FromBytes(image.LayerBytes), Never));
        Assert.Equal(image.LayerBytes.ToArray(), await _store.ReadAsync(image.Layer));
    }

    [Fact]
    public async Task A_damaged_or_missing_manifest_is_named()
    {
        var image = new SampleImage("one");
        await image.PutAsync(_store, "1.0");
        var path = _folder["layout", "blobs", "sha256", image.Manifest.Document.Digest.Hex];
        await File.WriteAllTextAsync(path, "{}", Never);
        var damaged = await Assert.ThrowsAsync<DigestMismatchException>(() => _store.GetManifestAsync("1.0", Never));
        Assert.Contains(image.Manifest.Document.Digest.ToString(), damaged.Message, StringComparison.Ordinal);

        File.Delete(path);
        var missing = await Assert.ThrowsAsync<BlobNotFoundException>(() => _store.GetManifestAsync("1.0", Never));
        Assert.Contains(LayoutPath, missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<BlobNotFoundException>(() => _store.OpenBlobAsync(image.Layer with { Digest = Digest.Of("x"u8) }, Never));
    }

    [Theory]
    [InlineData("index.json", "{", "JSON")]
    [InlineData("index.json", "{}", "no manifests field")]
    [InlineData("index.json", null, "has no index.json")]
    [InlineData("oci-layout", "{}", "version ''")]
    [InlineData("oci-layout", """{"imageLayoutVersion":"2.0.0"}""", "version '2.0.0'")]
    [InlineData("oci-layout", null, "no oci-layout file")]
    public async Task A_damaged_layout_is_neither_read_nor_written(string file, string? content, string reason)
    {
        await new SampleImage("one").PutAsync(_store, "1.0");
        File.Delete(_folder["layout", file]);
        if (content is not null)
            _folder.Write($"layout/{file}", content);

        var read = await Assert.ThrowsAsync<InvalidLayoutException>(() => _store.ResolveAsync("1.0", Never));
        Assert.Contains(reason, read.Message, StringComparison.Ordinal);
        Assert.Contains(LayoutPath, read.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidLayoutException>(() => new SampleImage("two").PutAsync(new LayoutStore(LayoutPath), "2.0"));
    }

    [Fact]
    public async Task A_folder_of_something_else_is_not_made_a_layout()
    {
        _folder.Write("layout/thesis.txt", "mine");
        await Assert.ThrowsAsync<InvalidLayoutException>(() => new SampleImage("one").PutAsync(_store, "1.0"));
        Assert.Equal(["thesis.txt"], Directory.EnumerateFileSystemEntries(LayoutPath).Select(Path.GetFileName));
    }

    [SkopeoFact]
    public async Task Skopeo_reads_what_was_written_here()
    {
        var image = new SampleImage("one");
        await image.PutAsync(_store, "1.0");
        await new SampleImage("two", "arm64").PutAsync(_store, "2.0");

        Assert.Equal(
            image.Manifest.Document.Bytes.ToArray(),
            System.Text.Encoding.UTF8.GetBytes(await Tool.RunAsync("skopeo", "inspect", "--raw", $"oci:{LayoutPath}:1.0")));
        await Tool.RunAsync("skopeo", "copy", $"oci:{LayoutPath}:1.0", $"oci:{_folder["copy"]}:again");
        var copy = new LayoutStore(_folder["copy"]);
        Assert.Equal(image.Manifest.Document.Digest, (await copy.GetManifestAsync("again", Never)).Digest);
        Assert.Equal(image.LayerBytes.ToArray(), await copy.ReadAsync(image.Layer));
    }

    [SkopeoFact]
    public async Task Skopeo_and_this_store_write_the_same_layout()
    {
        var image = new SampleImage("one");
        await image.PutAsync(new LayoutStore(_folder["source"]), "1.0");
        await Tool.RunAsync("skopeo", "copy", $"oci:{_folder["source"]}:1.0", $"oci:{LayoutPath}:skopeo");
        await new SampleImage("two").PutAsync(_store, "ours");
        await Tool.RunAsync("skopeo", "copy", $"oci:{_folder["source"]}:1.0", $"oci:{LayoutPath}:docker.io/akraino/validation:full");

        Assert.Equal(["skopeo", "ours", "full"], await _store.TagsAsync());
        Assert.NotNull(await _store.GetManifestAsync("ours", Never));
        Assert.Equal(image.Manifest.Document.Digest, (await _store.GetManifestAsync("full", Never)).Digest);
        await Tool.RunAsync("skopeo", "inspect", $"oci:{LayoutPath}:ours");
    }
}
