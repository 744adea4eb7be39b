using System.Text;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.FatManifests.Updating;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Serving;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Oci.Transfer.Copying;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>Those who use registries, at the local one: this module's own client, skopeo, podman.</summary>
[Needs(Part.HttpListener)]
public sealed class ClientTests : IAsyncDisposable
{
    private const int Writers = 24;

    private readonly ServedRegistry _registry = new();
    private readonly RegistryFixture _fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Place => $"{_registry.Server.Host}/team/app";

    public async ValueTask DisposeAsync()
    {
        _fixture.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task What_is_pushed_is_an_image_layout()
    {
        var image = new SampleImage("content");
        await image.PutAsync(_fixture.Open(Place), "1.0");
        var layout = new LayoutStore(Path.Combine(_registry.Folder["served"], "team", "app"));
        Assert.Equal(image.Manifest.Document.Digest, (await layout.ResolveAsync("1.0", Cancel))!.Digest);
        await using var layer = await layout.OpenBlobAsync(image.Layer, Cancel);
        var bytes = new MemoryStream();
        await layer.CopyToAsync(bytes, Cancel);
        Assert.Equal(image.LayerBytes.ToArray(), bytes.ToArray());
    }

    [Fact]
    public async Task What_is_written_to_the_layout_is_served_with_the_images_of_its_fat_manifests()
    {
        var layout = new LayoutStore(Path.Combine(_registry.Folder["served"], "by", "hand"));
        var image = new SampleImage("content");
        await image.PutAsync(layout);
        var index = ImageIndex.Create(MediaTypes.OciIndex, [image.Manifest.Document.ToDescriptor() with { Platform = Platform.Parse("linux/amd64") }]);
        await layout.PutManifestAsync(index.Document, ["1.0"], Cancel);
        var served = _fixture.Open($"{_registry.Server.Host}/by/hand");
        var fat = ImageIndex.Parse(await served.GetManifestAsync("1.0", Cancel));
        Assert.Equal(image.Manifest.Document.Digest, (await served.GetManifestAsync($"{fat.Entries.Single().Digest}", Cancel)).Digest);
    }

    [Fact]
    public async Task Referrers_that_a_layout_keeps_under_a_tag_are_listed()
    {
        var layout = new LayoutStore(Path.Combine(_registry.Folder["served"], "by", "hand"));
        var image = new SampleImage("content");
        await image.PutAsync(layout, "1.0");
        var subject = image.Manifest.Document.ToDescriptor();
        var note = new Manifest(MediaTypes.OciManifest, Encoding.UTF8.GetBytes(ServedRegistry.Document(
            image.Manifest.Config.Digest, "x", new JObject { ["artifactType"] = "application/vnd.example.note", ["subject"] = subject.ToJson() })));
        await layout.PutManifestAsync(note, [], Cancel);
        await ReferrerTag.AddAsync(layout, subject.Digest, [note.ToDescriptor()], Cancel);
        var listed = await _registry.GetJsonAsync($"by/hand/referrers/{subject.Digest}?artifactType=application/vnd.example.note");
        Assert.Equal($"{note.Digest}", (string?)listed["manifests"]!.Single()["digest"]);
    }

    [Fact]
    public async Task A_blob_of_another_repository_is_mounted_and_one_that_is_there_is_not_sent()
    {
        var image = new SampleImage("content");
        var (first, second) = (_fixture.Open(Place), _fixture.Open($"{_registry.Server.Host}/other"));
        var source = BlobSource.FromBytes(image.LayerBytes);
        Assert.Equal(BlobTransfer.Sent, await first.PutBlobAsync(image.Layer, source, Cancel));
        Assert.Equal(BlobTransfer.Present, await first.PutBlobAsync(image.Layer, source, Cancel));
        Assert.Equal(BlobTransfer.Mounted, await second.PutBlobAsync(image.Layer, source with { Place = first.Place }, Cancel));
    }

    [Fact]
    public async Task Many_writers_of_one_fat_manifest_lose_no_entry()
    {
        var images = Enumerable.Range(0, Writers).Select(number => new SampleImage($"{number}", "amd64", $"v{number + 2}")).ToList();
        foreach (var image in images)
            await image.PutAsync(_fixture.Open(Place));
        await Task.WhenAll(images.Select(image => Task.Run(() => UpdateAsync(image))));
        var fat = ImageIndex.Parse(await _fixture.Open(Place).GetManifestAsync("fat", Cancel));
        Assert.Equal(images.Select(image => image.Manifest.Document.Digest).Order(), fat.Entries.Select(entry => entry.Digest).Order());
    }

    [Fact]
    public async Task A_started_registry_goes_on_where_another_stopped()
    {
        var image = new SampleImage("content");
        await image.PutAsync(_fixture.Open(Place), "1.0");
        using var begun = await _registry.SendAsync(System.Net.HttpStatusCode.Accepted, "POST", "team/app/blobs/uploads/");
        var session = ServedRegistry.Header(begun, "Location");
        await _registry.SendAsync(System.Net.HttpStatusCode.Accepted, "PATCH", session, ServedRegistry.Text("01"));
        // Two at once over one folder: nothing is kept but the folder.
        await using var next = RegistryServer.Start(_registry.Options);
        Assert.NotNull(await _fixture.Open($"{next.Host}/team/app").ResolveAsync("1.0", Cancel));
        using var http = new HttpClient();
        using var status = await http.GetAsync(new Uri($"http://{next.Host}{session}"), Cancel);
        Assert.Equal("0-1", ServedRegistry.Header(status, "Range"));
    }

    [Fact]
    public void A_port_that_is_taken_is_an_error()
    {
        var port = int.Parse(_registry.Server.Host.Split(':')[1]);
        var failure = Assert.Throws<PortInUseException>(() => RegistryServer.Start(_registry.Options with { Port = port }));
        Assert.Contains($"port {port} ", failure.Message);
    }

    [Fact]
    public async Task A_folder_that_is_itself_a_layout_is_refused()
    {
        var folder = _fixture.Folder["layout"];
        await new SampleImage("content").PutAsync(new LayoutStore(folder), "1.0");
        Assert.Throws<UnservableFolderException>(() => RegistryServer.Start(new RegistryServerOptions(folder)));
    }

    [Fact]
    public void A_folder_of_other_things_is_refused_and_left_as_it_is()
    {
        _fixture.Folder.Write("src/Program.cs", "");
        var failure = Assert.Throws<UnservableFolderException>(() => RegistryServer.Start(new RegistryServerOptions(_fixture.Folder["src"])));
        Assert.Contains("it holds other things, and no image layout", failure.Message);
        Assert.Single(Directory.EnumerateFileSystemEntries(_fixture.Folder["src"]));
        Assert.Contains("it is a file", Assert.Throws<UnservableFolderException>(() => RegistryServer.Start(new RegistryServerOptions(_fixture.Folder["src", "Program.cs"]))).Message);
    }

    [Fact]
    public async Task A_folder_of_layouts_among_other_things_is_served()
    {
        _fixture.Folder.Write("project/readme.md", "");
        await new SampleImage("content").PutAsync(new LayoutStore(_fixture.Folder["project", "out", "app"]), "1.0");
        await using var server = RegistryServer.Start(new RegistryServerOptions(_fixture.Folder["project"]));
        Assert.NotNull(await _fixture.Open($"{server.Host}/out/app").ResolveAsync("1.0", Cancel));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_is_refused()
    {
        _fixture.Folder.Write("file", "");
        var failure = Assert.Throws<UnservableFolderException>(() => RegistryServer.Start(new RegistryServerOptions(_fixture.Folder["file", "registry"])));
        Assert.Contains("nothing can be written there", failure.Message);
    }

    [SkopeoFact]
    public async Task Skopeo_pushes_copies_lists_pulls_and_deletes()
    {
        var source = _fixture.Folder["source"];
        await new SampleImage("content").PutAsync(new LayoutStore(source), "1.0");
        await Tool.RunAsync("skopeo", "copy", "--dest-tls-verify=false", $"oci:{source}:1.0", $"docker://{Place}:1.0");
        await Tool.RunAsync("skopeo", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", $"docker://{Place}:1.0", $"docker://{_registry.Server.Host}/other:2.0");
        Assert.Contains("\"2.0\"", await Tool.RunAsync("skopeo", "list-tags", "--tls-verify=false", $"docker://{_registry.Server.Host}/other"));
        await Tool.RunAsync("skopeo", "copy", "--src-tls-verify=false", $"docker://{_registry.Server.Host}/other:2.0", $"oci:{_fixture.Folder["target"]}:2.0");
        await Tool.RunAsync("skopeo", "inspect", $"oci:{Path.Combine(_registry.Folder["served"], "team", "app")}:1.0");
        await Tool.RunAsync("skopeo", "delete", "--tls-verify=false", $"docker://{Place}:1.0");
        Assert.Null(await _fixture.Open(Place).ResolveAsync("1.0", Cancel));
    }

    [SkopeoFact]
    public async Task Skopeo_logs_in_with_the_password_and_not_without()
    {
        await using var guarded = new ServedRegistry(new RegistryCredential("user", "secret"));
        var source = _fixture.Folder["source"];
        await new SampleImage("content").PutAsync(new LayoutStore(source), "1.0");
        string[] copy = ["copy", "--dest-tls-verify=false", $"oci:{source}:1.0", $"docker://{guarded.Server.Host}/team/app:1.0"];
        Assert.NotEqual(0, (await Tool.TryRunAsync("skopeo", [.. copy, "--dest-creds=user:wrong"])).ExitCode);
        await Tool.RunAsync("skopeo", [.. copy, "--dest-creds=user:secret"]);
    }

    [Fact]
    [Needs(Part.Peers)]
    public async Task Podman_pushes_and_pulls()
    {
        var source = _fixture.Folder["source"];
        await new SampleImage("content").PutAsync(new LayoutStore(source), "1.0");
        // The path of its sockets must be short.
        var run = Directory.CreateTempSubdirectory("p");
        string[] storage = ["--root", _fixture.Folder["podman"], "--runroot", run.FullName, "--storage-driver", "vfs"];
        try
        {
            var id = (await Tool.RunAsync("podman", [.. storage, "pull", "--quiet", $"oci:{source}:1.0"])).Trim();
            await Tool.RunAsync("podman", [.. storage, "push", "--quiet", "--tls-verify=false", id, $"{Place}:1.0"]);
            await Tool.RunAsync("podman", [.. storage, "rmi", id]);
            Assert.Equal(id, (await Tool.RunAsync("podman", [.. storage, "pull", "--quiet", "--tls-verify=false", $"{Place}:1.0"])).Trim());
        }
        finally
        {
            run.Delete(recursive: true);
        }
    }

    private async Task UpdateAsync(SampleImage image)
    {
        var name = ImageReference.Parse($"{Place}:fat");
        var updater = new FatManifestUpdater(new ImageStores(_fixture.Client()), NullSink.Instance, 4);
        var request = new UpdateRequest(name) { Images = [new JoinSource(name.Place.WithDigest(image.Manifest.Document.Digest))] };
        await updater.ApplyAsync(await updater.PlanAsync(request, Cancel), Cancel);
    }
}
