using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Registry.Mirrors;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry;

public sealed class MirrorTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingSink _sink = new();
    private RegistryProcess _origin = null!;
    private RegistryProcess _mirror = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Requirements.HasRegistry)
            (_origin, _mirror) = (await RegistryProcess.StartAsync(), await RegistryProcess.StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        if (_origin is null)
            return;
        await _origin.DisposeAsync();
        await _mirror.DisposeAsync();
    }

    [RegistryFact]
    public async Task What_a_mirror_has_is_read_there_and_the_rest_at_the_registry()
    {
        var image = new SampleImage("one");
        await image.PutAsync(Open($"{_mirror.Host}/hub/team/app"), "1");
        await new SampleImage("two").PutAsync(Open($"{_origin.Host}/team/app"), "2");
        await TakeAsync();
        var store = Open($"{_origin.Host}/team/app", mirrors: Mirror("hub"));
        await ReadAsync(store, "1");
        Assert.Equal((0, 4), await TakeAsync());
        await ReadAsync(store, "2");
        Assert.Equal((4, 4), await TakeAsync());
        Assert.Contains(_sink.Lines, line => line.Contains($"{_mirror.Host}, a mirror of {_origin.Host}, does not give hub/team/app/manifests/2: 404", StringComparison.Ordinal));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_mirror_that_is_away_or_lies_does_no_harm()
    {
        await new SampleImage("one").PutAsync(Open($"{_origin.Host}/team/app"), "1");
        await ReadAsync(Open($"{_origin.Host}/team/app", mirrors: new RegistryMirror(_origin.Host, "127.0.0.1:1")), "1");
        using var liar = new AnsweringServer(_ => "{}");
        var digest = (await Open($"{_origin.Host}/team/app").ResolveAsync("1", Cancel))!.Digest;
        var store = Open($"{_origin.Host}/team/app", mirrors: new RegistryMirror(_origin.Host, liar.Host) { HasTags = false });
        await Assert.ThrowsAsync<DigestMismatchException>(() => store.GetManifestAsync($"{digest}", Cancel));
    }

    [RegistryFact]
    public async Task A_command_that_writes_takes_nothing_but_content_from_a_mirror()
    {
        var image = new SampleImage("one");
        await image.PutAsync(Open($"{_origin.Host}/team/app"), "1");
        await image.PutAsync(Open($"{_mirror.Host}/team/app"), "1");
        await TakeAsync();
        await ReadAsync(Open($"{_origin.Host}/team/app", willPush: true, Mirror()), "1");
        Assert.Equal((2, 2), await TakeAsync());
    }

    [Fact]
    public void The_mirrors_of_the_longest_prefix_count()
    {
        var list = new MirrorList([new("docker.io", "a.example"), new("docker.io/library", "b.example", "hub"), new("docker.io/lib", "c.example")]);
        Assert.Equal(("b.example", "hub/busybox"), list.Of("docker.io", "library/busybox").Select(found => (found.Mirror.Registry, found.Repository)).Single());
        Assert.Equal(("a.example", "team/app"), list.Of("docker.io", "team/app").Select(found => (found.Mirror.Registry, found.Repository)).Single());
        Assert.Empty(list.Of("quay.io", "team/app"));
    }

    [Fact]
    public void The_engine_s_mirrors_of_Docker_Hub_are_read()
    {
        var file = _folder.Write("daemon.json", """{"registry-mirrors":["https://mirror.example.com/","http://10.0.0.1:5000/hub"]}""");
        Assert.Equal(
            [new RegistryMirror("docker.io", "mirror.example.com"), new RegistryMirror("docker.io", "10.0.0.1:5000", "hub") { PlainHttp = true }],
            DaemonMirrors.Read([_folder["none.json"], file]));
        Assert.Empty(DaemonMirrors.Read([_folder["none.json"]]));
        Assert.Contains("which is no address", Assert.Throws<MirrorSettingsException>(
            () => DaemonMirrors.Read([_folder.Write("bad.json", """{"registry-mirrors":["mirror"]}""")])).Message);
        Assert.Contains("bad.json cannot be read", Assert.Throws<MirrorSettingsException>(() => DaemonMirrors.Read([_folder.Write("bad.json", "{")])).Message);
    }

    private RegistryMirror Mirror(string path = "") => new(_origin.Host, _mirror.Host, path);

    private RegistryStore Open(string place, bool willPush = false, params RegistryMirror[] mirrors)
    {
        var options = new RegistryOptions { WillPush = willPush, MaximumRetryCount = 0, Mirrors = new MirrorList(mirrors) };
        return new RegistryClient(options, new CredentialResolver(null), _sink).Open(ImageReference.Parse(place));
    }

    // A tag, its manifest, and its two blobs.
    private static async Task ReadAsync(IImageStore store, string tag)
    {
        var found = (await store.ResolveAsync(tag, Cancel))!;
        var manifest = ImageManifest.Parse(await store.GetManifestAsync($"{found.Digest}", Cancel));
        foreach (var blob in manifest.Layers.Append(manifest.Config))
        {
            await using var content = await store.OpenBlobAsync(blob, Cancel);
            await content.CopyToAsync(Stream.Null, Cancel);
        }
    }

    private async Task<(int Origin, int Mirror)> TakeAsync() => ((await _origin.TakeRequestsAsync()).Count, (await _mirror.TakeRequestsAsync()).Count);
}
