using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Stores.Archives;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Stores.Archives;

public sealed class OciArchiveTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();
    private readonly ArchiveStore _store;

    public OciArchiveTests() => _store = Open();

    private string ArchivePath => _folder["release.tar"];

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_was_put_under_a_tag_comes_out_again()
    {
        var image = new SampleImage("one");
        await image.PutAsync(_store, "1.0", "latest");

        foreach (var store in new[] { _store, Open() })
        {
            Assert.Equal(image.Manifest.Document.ToDescriptor(), await store.ResolveAsync("1.0", Never));
            var manifest = await store.GetManifestAsync("latest", Never);
            Assert.Equal(image.Manifest.Document.Bytes.ToArray(), manifest.Bytes.ToArray());
            Assert.Equal(["1.0", "latest"], await store.TagsAsync());
            Assert.True(await store.HasBlobAsync(image.Layer.Digest, Never));
            Assert.Equal(image.LayerBytes.ToArray(), await store.ReadAsync(image.Layer));
        }
    }

    [Fact]
    public async Task A_file_that_is_not_there_has_nothing_and_says_so()
    {
        Assert.Null(await _store.ResolveAsync("latest", Never));
        Assert.False(await _store.HasBlobAsync(Digest.Of("x"u8), Never));
        Assert.Null(await _store.GetIntendedNameAsync("latest", Never));
        await Assert.ThrowsAsync<BlobNotFoundException>(() => _store.OpenBlobAsync(new Descriptor("", Digest.Of("x"u8), 1), Never));
        var failure = await Assert.ThrowsAsync<ManifestNotFoundException>(() => _store.GetManifestAsync("latest", Never));
        Assert.Contains(ArchivePath, failure.Message, StringComparison.Ordinal);
        Assert.Contains("no such file", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => _store.TagsAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Before_its_tag_an_image_waits_beside_the_archive()
    {
        var image = new SampleImage("one");
        await image.PutAsync(_store);
        Assert.False(File.Exists(ArchivePath));
        Assert.Equal(image.Manifest.Document.Digest, (await _store.GetManifestAsync($"{image.Manifest.Document.Digest}", Never)).Digest);
        Assert.Equal(image.LayerBytes.ToArray(), await _store.ReadAsync(image.Layer));
        _store.Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_fat_manifest_is_there_with_its_images()
    {
        var (amd64, arm64) = (new SampleImage("a"), new SampleImage("b", "arm64"));
        await amd64.PutAsync(_store);
        await arm64.PutAsync(_store);
        await _store.PutManifestAsync(Index(amd64, arm64), ["latest"], Never);
        var store = Open();
        Assert.Equal(["latest"], await store.TagsAsync());
        Assert.Equal(arm64.Manifest.Document.ToDescriptor(), await store.ResolveAsync($"{arm64.Manifest.Document.Digest}", Never));
        Assert.Null(await store.ResolveAsync($"{amd64.Layer.Digest}", Never));
        Assert.Equal(arm64.LayerBytes.ToArray(), await store.ReadAsync(arm64.Layer));
    }

    [Fact]
    public async Task What_the_archive_held_stays_and_what_no_tag_reaches_goes()
    {
        var (first, second, third) = (new SampleImage("one"), new SampleImage("two"), new SampleImage("three"));
        await first.PutAsync(_store, "1.0");
        await second.PutAsync(Open(), "2.0");
        await third.PutAsync(Open(), "1.0");
        var store = Open();
        Assert.Equal(["1.0", "2.0"], await store.TagsAsync());
        Assert.Equal(second.LayerBytes.ToArray(), await store.ReadAsync(second.Layer));
        Assert.Equal(third.LayerBytes.ToArray(), await store.ReadAsync(third.Layer));
        Assert.False(await store.HasBlobAsync(first.Layer.Digest, Never));
    }

    [Fact]
    public async Task What_refers_to_an_image_and_has_no_tag_comes_with_the_next_one()
    {
        var (signature, image) = (new SampleImage("signature"), new SampleImage("one"));
        await signature.PutAsync(_store);
        await image.PutAsync(_store, "1.0");
        var store = Open();
        Assert.Equal(["1.0"], await store.TagsAsync());
        Assert.Equal(signature.Manifest.Document.ToDescriptor(), await store.ResolveAsync($"{signature.Manifest.Document.Digest}", Never));
        Assert.Equal(signature.LayerBytes.ToArray(), await store.ReadAsync(signature.Layer));
    }

    [Fact]
    public async Task A_blob_that_is_there_is_neither_sent_nor_lost_when_its_image_goes()
    {
        var (first, second) = (new SampleImage("one"), new SampleImage("two"));
        await first.PutAsync(_store, "1.0");
        Assert.Equal(BlobTransfer.Present, await _store.PutBlobAsync(first.Layer, BlobSource.FromBytes(first.LayerBytes), Never));
        await second.PutAsync(_store, "1.0");
        Assert.Equal(first.LayerBytes.ToArray(), await _store.ReadAsync(first.Layer));
    }

    [Fact]
    public async Task The_same_content_is_the_same_archive_and_the_same_put_twice_does_not_touch_it()
    {
        await new SampleImage("one").PutAsync(_store, "1.0");
        await new SampleImage("two").PutAsync(_store, "2.0");
        var longAgo = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(ArchivePath, longAgo);
        await new SampleImage("two").PutAsync(_store, "2.0");
        Assert.Equal(longAgo, File.GetLastWriteTimeUtc(ArchivePath));

        var again = Open("again.tar");
        await new SampleImage("one").PutAsync(again, "1.0");
        await new SampleImage("two").PutAsync(again, "2.0");
        Assert.Equal(await File.ReadAllBytesAsync(ArchivePath, Never), await File.ReadAllBytesAsync(_folder["again.tar"], Never));
    }

    [Fact]
    public async Task Writers_at_the_same_time_lose_nothing()
    {
        const int writers = 8;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(number => Task.Run(async () =>
        {
            using var store = Open();
            await new SampleImage("the same").PutAsync(store, $"same-{number}");
            await new SampleImage($"number {number}").PutAsync(_store, $"own-{number}");
        })));
        var tags = await Open().TagsAsync();
        Assert.Equal(2 * writers, tags.Count);
        foreach (var tag in tags)
            Assert.NotNull(await _store.GetManifestAsync(tag, Never));
        _store.Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path, ".*.partial-*"));
    }

    [Fact]
    public async Task An_incomplete_image_leaves_the_old_archive()
    {
        await new SampleImage("one").PutAsync(_store, "1.0");
        var before = await File.ReadAllBytesAsync(ArchivePath, Never);
        var image = new SampleImage("two");
        var failure = await Assert.ThrowsAsync<BlobNotFoundException>(() => _store.PutManifestAsync(image.Manifest.Document, ["1.0"], Never));
        Assert.Contains($"{image.Layer.Digest}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(ArchivePath, Never));
        // As an entry of a fat manifest too.
        failure = await Assert.ThrowsAsync<BlobNotFoundException>(() => _store.PutManifestAsync(Index(image), ["1.0"], Never));
        Assert.Contains($"{image.Layer.Digest}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(ArchivePath, Never));
        await image.PutAsync(_store, "2.0");
        Assert.Equal(["1.0", "2.0"], await Open().TagsAsync());
    }

    [Fact]
    public async Task A_killed_writer_leaves_the_old_archive_and_rubbish_that_goes_in_time()
    {
        await new SampleImage("one").PutAsync(_store, "1.0");
        var half = _folder.Write(".release.tar.partial-half", "half");
        var (fresh, old) = (_folder[".release.tar.partial-fresh"], _folder[".release.tar.partial-old"]);
        foreach (var stage in new[] { fresh, old })
            _folder.Write(Path.Combine(stage, "blobs", "x"), "half");
        File.SetLastWriteTimeUtc(half, DateTime.UtcNow.AddDays(-2));
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));
        Assert.Equal(["1.0"], await Open().TagsAsync());

        await new SampleImage("two").PutAsync(Open(), "2.0");
        Assert.False(File.Exists(half));
        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(fresh));
        Assert.Equal(["1.0", "2.0"], await Open().TagsAsync());
    }

    [Fact]
    public async Task A_tag_is_moved_only_from_what_was_expected()
    {
        var (first, second, third) = (new SampleImage("one"), new SampleImage("two"), new SampleImage("three"));
        foreach (var image in new[] { first, second, third })
            await image.PutAsync(_store);
        Assert.True(_store.HonorsCondition);
        Assert.True(await _store.TryMoveTagAsync("1.0", null, first.Manifest.Document, Never));
        Assert.True(await _store.TryMoveTagAsync("1.0", first.Manifest.Document.Digest, second.Manifest.Document, Never));
        Assert.False(await _store.TryMoveTagAsync("1.0", first.Manifest.Document.Digest, third.Manifest.Document, Never));
        Assert.Equal(second.Manifest.Document.Digest, (await Open().GetManifestAsync("1.0", Never)).Digest);
    }

    [Fact]
    public async Task Images_know_the_name_they_are_meant_for()
    {
        using var store = new ArchiveStore(Place("release.tar"), ImageReference.Parse("registry.example/akraino/validation"));
        await new SampleImage("one").PutAsync(store, "1.0");
        await new SampleImage("two").PutAsync(_store, "unnamed");
        Assert.Equal("registry.example/akraino/validation:1.0", $"{await _store.GetIntendedNameAsync("1.0", Never)}");
        Assert.Null(await _store.GetIntendedNameAsync("unnamed", Never));
        Assert.Equal(["registry.example/akraino/validation:1.0", ""], (await _store.NamesAsync()).Select(image => $"{image.IntendedName}"));
    }

    internal static Manifest Index(params SampleImage[] images) => ImageIndex.Create(MediaTypes.OciIndex, images.Select(image =>
        image.Manifest.Document.ToDescriptor() with { Platform = Platform.Parse(image.Platform) })).Document;

    private ImageReference Place(string name) => ImageReference.Parse($"oci-archive:{_folder[name]}");

    private ArchiveStore Open(string name = "release.tar") => new(Place(name));
}
