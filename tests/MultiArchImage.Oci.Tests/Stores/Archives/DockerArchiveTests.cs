using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Stores.Archives;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Stores.Archives;

/// <summary>Archives of the forms that engines save; the engine itself is asked in the tests of the cmdlets.</summary>
public sealed class DockerArchiveTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _layer = TarFile.Of(new PaxTarEntry(TarEntryType.RegularFile, "answer") { DataStream = new MemoryStream("42"u8.ToArray()) });

    private string ArchivePath => _folder["saved.tar"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_docker_save_of_older_engines_writes_is_an_image_with_layers_as_they_are_unpacked()
    {
        using var store = Save(Saved("""["example/one:1.0"]"""));
        var manifest = ImageManifest.Parse(await store.GetManifestAsync("1.0", Never));
        Assert.Equal(MediaTypes.DockerManifest, manifest.Document.MediaType);
        Assert.All(manifest.Layers, layer => Assert.Equal("application/vnd.docker.image.rootfs.diff.tar", layer.MediaType));
        Assert.Equal(_layer, await store.ReadAsync(manifest.Layers[0]));
        Assert.Equal(_layer, await store.ReadAsync(manifest.Layers[1]));
        Assert.Equal("linux/amd64", $"{(await store.ReadConfigAsync(manifest, Never)).Platform}");
        Assert.Equal(manifest.Document.ToDescriptor(), await store.ResolveAsync($"{manifest.Document.Digest}", Never));
        using var again = new ArchiveStore(Place());
        Assert.Equal(manifest.Document.Digest, (await again.GetManifestAsync("latest", Never)).Digest);
    }

    [Fact]
    public async Task Layers_that_are_left_packed_are_what_they_are()
    {
        var packed = Gzip(_layer);
        using var store = Save(Saved("""["example/one:1.0"]""", packed));
        var layer = ImageManifest.Parse(await store.GetManifestAsync("1.0", Never)).Layers[0];
        Assert.Equal(new Descriptor(MediaTypes.DockerLayerGzip, Digest.Of(packed), packed.Length), layer);
        Assert.Equal(packed, await store.ReadAsync(layer));
    }

    [Fact]
    public async Task A_layer_that_is_not_what_the_config_says_is_noticed()
    {
        using var store = Save(Saved("""["example/one:1.0"]""", [.. _layer, .. new byte[512]]));
        var layer = ImageManifest.Parse(await store.GetManifestAsync("1.0", Never)).Layers[0];
        await Assert.ThrowsAsync<DigestMismatchException>(() => store.ReadAsync(layer));
    }

    [Fact]
    public async Task Names_say_the_tag_and_what_the_image_is_meant_for()
    {
        using var store = Save(Saved("""["registry.example:5000/akraino/validation:k8s-latest", "busybox:1.36"]"""));
        Assert.Equal(["k8s-latest", "1.36"], await store.TagsAsync());
        Assert.Equal("registry.example:5000/akraino/validation:k8s-latest", $"{await store.GetIntendedNameAsync("k8s-latest", Never)}");
        Assert.Equal("docker.io/library/busybox:1.36", (await store.GetIntendedNameAsync("1.36", Never))?.FullName);
    }

    [Fact]
    public async Task Repositories_that_share_a_tag_are_told_apart_by_their_digests()
    {
        using var store = Save(Several(("""["example/one:1.0"]""", "a"), ("""["example/two:1.0"]""", "b"), ("null", "c")));
        var names = await store.NamesAsync();
        Assert.Equal(["example/one:1.0", "example/two:1.0", ""], names.Select(image => $"{image.IntendedName}"));
        Assert.Equal(3, names.Select(image => image.Reference.Digest).Distinct().Count());
        foreach (var image in names)
            Assert.Equal(image.Reference.Digest, (await store.GetManifestAsync(image.Reference.TagOrDigest, Never)).Digest);
        var failure = await Assert.ThrowsAsync<AmbiguousTagException>(() => store.GetManifestAsync("1.0", Never));
        Assert.Contains("example/one:1.0, example/two:1.0", failure.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<ManifestNotFoundException>(() => store.GetManifestAsync("latest", Never));
        Assert.Contains("the archive has example/one:1.0, example/two:1.0, sha256:", missing.Message, StringComparison.Ordinal);
    }

    // Made by hand of its documented form: no engine with that store is at hand here.
    [Fact]
    public async Task What_engines_with_the_store_of_containerd_save_keeps_its_digests()
    {
        var image = new SampleImage("one");
        using (var layout = new ArchiveStore(ImageReference.Parse($"oci-archive:{_folder["layout.tar"]}"), ImageReference.Parse("example/one")))
            await image.PutAsync(layout, "1.0");
        var files = TarFile.Read(_folder["layout.tar"]);
        var load = new JArray(new JObject
        {
            ["Config"] = $"blobs/sha256/{image.Manifest.Config.Digest.Hex}",
            ["RepoTags"] = new JArray("example/one:1.0"),
            ["Layers"] = new JArray($"blobs/sha256/{image.Layer.Digest.Hex}"),
        });
        using var store = Save(TarFile.Of([
            new PaxTarEntry(TarEntryType.Directory, "blobs/"), .. files.Select(file => TarFile.File(file.Key, file.Value)), TarFile.File("manifest.json", $"{load}")]));
        Assert.Equal(image.Manifest.Document.ToDescriptor(), await store.ResolveAsync("1.0", Never));
        Assert.Equal("example/one:1.0", $"{await store.GetIntendedNameAsync("1.0", Never)}");
        Assert.Equal(image.LayerBytes.ToArray(), await store.ReadAsync(image.Layer));
    }

    [Fact]
    public async Task What_is_written_is_a_layout_and_what_docker_load_reads_in_one()
    {
        var image = new SampleImage("one");
        using var store = new ArchiveStore(Place(), ImageReference.Parse("example/one"));
        await image.PutAsync(store, "1.0", "latest");
        var files = TarFile.Read(ArchivePath);
        var load = (JObject)Assert.Single(JArray.Parse(System.Text.Encoding.UTF8.GetString(files["manifest.json"])));
        Assert.Equal(["example/one:1.0", "example/one:latest"], load["RepoTags"]!.Select(tag => (string?)tag));
        Assert.Equal($"{image.Manifest.Config.Digest}", $"{Digest.Of(files[(string)load["Config"]!])}");
        Assert.Equal(image.LayerBytes.ToArray(), files[(string)load["Layers"]![0]!]);
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), files.Keys);
        Assert.Equal(image.Manifest.Document.ToDescriptor(), await new ArchiveStore(Place()).ResolveAsync("latest", Never));
    }

    [Fact]
    public async Task A_fat_manifest_is_refused_and_the_archive_stays()
    {
        using var store = new ArchiveStore(Place());
        var (amd64, arm64) = (new SampleImage("a"), new SampleImage("b", "arm64"));
        await amd64.PutAsync(store, "amd64");
        await arm64.PutAsync(store);
        var failure = await Assert.ThrowsAsync<FatManifestNotHeldException>(() => store.PutManifestAsync(OciArchiveTests.Index(amd64, arm64), ["latest"], Never));
        Assert.Contains("-Platform", failure.Message, StringComparison.Ordinal);
        Assert.Contains("oci-archive:", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["amd64"], await store.TagsAsync());
    }

    [Fact]
    public async Task An_image_added_to_what_an_older_engine_saved_leaves_the_others_there()
    {
        var image = new SampleImage("one");
        using var store = Save(Saved("""["example/old:1.0"]"""));
        var old = await store.GetManifestAsync("1.0", Never);
        using var writer = new ArchiveStore(Place(), ImageReference.Parse("example/new"));
        await image.PutAsync(writer, "2.0");
        Assert.Equal(["1.0", "2.0"], await store.TagsAsync());
        Assert.Equal(old.Digest, (await store.GetManifestAsync("1.0", Never)).Digest);
        Assert.Equal(_layer, await store.ReadAsync(ImageManifest.Parse(old).Layers[0]));
    }

    [Fact]
    public async Task A_compressed_archive_is_read_through_a_temporary_file_that_nobody_sees()
    {
        await File.WriteAllBytesAsync(ArchivePath, Gzip(Saved("""["example/one:1.0"]""")), Never);
        using var store = new ArchiveStore(Place());
        var layer = ImageManifest.Parse(await store.GetManifestAsync("1.0", Never)).Layers[0];
        Assert.Equal(_layer, await store.ReadAsync(layer));
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private byte[] Config(string salt, int layers) => System.Text.Encoding.UTF8.GetBytes(
        $$"""{"architecture":"amd64","os":"linux","author":"{{salt}}","config":{},"rootfs":{"type":"layers","diff_ids":[{{string.Join(',', Enumerable.Repeat($"\"sha256:{Convert.ToHexStringLower(SHA256.HashData(_layer))}\"", layers))}}]} }""");

    // Engine 20.10: a folder for each layer, a layer that comes twice as a symbolic link.
    private byte[] Saved(string names, byte[]? layer = null) => TarFile.Of(
        TarFile.File("config.json", Config("saved", 2)),
        new PaxTarEntry(TarEntryType.Directory, "first/"),
        TarFile.File("first/VERSION", "1.0"),
        TarFile.File("first/layer.tar", layer ?? _layer),
        TarFile.Link(TarEntryType.SymbolicLink, "second/layer.tar", "../first/layer.tar"),
        TarFile.File("manifest.json", $$"""[{"Config":"config.json","RepoTags":{{names}},"Layers":["first/layer.tar","second/layer.tar"]}]"""));

    private byte[] Several(params IReadOnlyList<(string Names, string Salt)> images) => TarFile.Of([
        TarFile.File("layer.tar", _layer),
        .. images.Select(image => TarFile.File($"{image.Salt}.json", Config(image.Salt, 1))),
        TarFile.File("manifest.json", $"[{string.Join(',', images.Select(image => $$"""{"Config":"{{image.Salt}}.json","RepoTags":{{image.Names}},"Layers":["layer.tar"]}"""))}]")]);

    private ImageReference Place() => ImageReference.Parse($"docker-archive:{ArchivePath}");

    private ArchiveStore Save(byte[] tar)
    {
        File.WriteAllBytes(ArchivePath, tar);
        return new ArchiveStore(Place());
    }
}
