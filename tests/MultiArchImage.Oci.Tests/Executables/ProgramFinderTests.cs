using MultiArchImage.Oci.Executables;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Executables;

/// <summary>Where the program is that an image runs first, as a container would find it.</summary>
public sealed class ProgramFinderTests : IDisposable
{
    private readonly FatManifestWorkbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task An_absolute_path() =>
        await FoundAsync("usr/bin/app", "AArch64", Run("/usr/bin/app"), new LayerSketch().File("usr/bin/app", SampleProgram.Arm64));

    [Fact]
    public async Task A_path_from_the_working_folder() => await FoundAsync(
        "srv/bin/app", "AArch64", Run("./bin/app", config => config["WorkingDir"] = "/srv"), new LayerSketch().File("srv/bin/app", SampleProgram.Arm64));

    [Fact]
    public async Task A_name_alone_through_the_usual_folders() => await FoundAsync(
        "usr/sbin/app", "AArch64", Run("app"), new LayerSketch().File("opt/app", SampleProgram.Amd64).File("usr/sbin/app", SampleProgram.Arm64));

    [Fact]
    public async Task A_name_alone_through_the_folders_of_the_image() => await FoundAsync(
        "opt/app", "AArch64", Run("app", config => config["Env"] = new JArray("A=b", "PATH=/opt:/usr/sbin")),
        new LayerSketch().File("usr/sbin/app", SampleProgram.Amd64), new LayerSketch().File("opt/app", SampleProgram.Arm64));

    [Fact]
    public async Task A_command_where_there_is_no_entrypoint() => await FoundAsync(
        "bin/sh", "AArch64", config => config["Cmd"] = new JArray("/bin/sh", "-c", "/app"),
        new LayerSketch().File("bin/sh", SampleProgram.Arm64).File("app", SampleProgram.Amd64));

    [Fact]
    public async Task A_script_leads_to_its_interpreter() => await FoundAsync(
        "usr/bin/dash", "ARM", Run("/entry.sh"),
        new LayerSketch().Link("bin", "usr/bin").File("usr/bin/dash", SampleProgram.Arm).Link("usr/bin/sh", "dash"),
        new LayerSketch().File("entry.sh", "#!/bin/sh -e\nexec app\n"));

    [Fact]
    public async Task Scripts_that_name_each_other_lead_nowhere() => await NothingAsync(
        Run("/a"), new LayerSketch().File("a", "#!/b").File("b", "#!/a"));

    [Fact]
    public async Task Links_are_followed_inside_the_image() => await FoundAsync(
        "lib/busybox", "AArch64", Run("/bin/sh"),
        new LayerSketch().Link("bin", "/usr/bin").Folder("usr/bin").Link("usr/bin/sh", "../../../../lib/busybox").File("lib/busybox", SampleProgram.Arm64));

    [Fact]
    public async Task A_link_above_a_file_of_a_lower_layer_counts() => await FoundAsync(
        "usr/bin/sh", "AArch64", Run("/bin/sh"),
        new LayerSketch().Folder("bin").File("bin/sh", SampleProgram.Amd64).File("usr/bin/sh", SampleProgram.Arm64),
        new LayerSketch().Whiteout("bin").Link("bin", "usr/bin"));

    [Fact]
    public async Task A_hard_link_is_another_name() => await FoundAsync(
        "bin/busybox", "AArch64", Run("/bin/sh"), new LayerSketch().File("bin/busybox", SampleProgram.Arm64).HardLink("bin/sh", "bin/busybox"));

    [Fact]
    public async Task Links_that_go_in_circles_lead_nowhere() => await NothingAsync(
        Run("/a/app"), new LayerSketch().Link("a", "b").Link("b", "a").Link("c", "c/c"));

    [Fact]
    public async Task What_a_layer_above_replaces_does_not_count() => await FoundAsync(
        "app", "AArch64", Run("/app"), new LayerSketch().File("app", SampleProgram.Amd64), new LayerSketch().File("app", SampleProgram.Arm64));

    [Fact]
    public async Task What_a_layer_above_takes_away_does_not_count()
    {
        var lower = () => new LayerSketch().File("usr/bin/app", SampleProgram.Amd64);
        await NothingAsync(Run("/usr/bin/app"), lower(), new LayerSketch().Whiteout("usr/bin/app"));
        await NothingAsync(Run("/usr/bin/app"), lower(), new LayerSketch().Whiteout("usr"));
        await NothingAsync(Run("/usr/bin/app"), lower(), new LayerSketch().Opaque("usr"));
        await NothingAsync(Run("/usr/bin/app"), lower(), new LayerSketch().Opaque(""));
        await NothingAsync(Run("/usr/bin/app"), lower(), new LayerSketch().File("usr/bin", "now a file"));
        // A whiteout says nothing of its own layer, wherever it stands there.
        await FoundAsync("usr/bin/app", "AArch64", Run("/usr/bin/app"), lower(), new LayerSketch().File("usr/bin/app", SampleProgram.Arm64).Opaque("usr/bin"));
    }

    [Fact]
    public async Task Without_an_entrypoint_the_first_program_counts() => await FoundAsync(
        "lib/ld.so", "AArch64", _ => { },
        new LayerSketch().File("bin/gone", SampleProgram.Amd64).File("readme", "text").File("data", SampleProgram.Amd64, mode: 0x1A4).File("lib/ld.so", SampleProgram.Arm64),
        new LayerSketch().Whiteout("bin/gone").File("setup.exe", [.. "MZ"u8, .. new byte[100]]));

    [Fact]
    public async Task A_program_on_Windows()
    {
        var layer = () => new LayerSketch().File("Files/app/app.exe", SampleProgram.Arm64);
        await FoundAsync("Files/app/app.exe", "AArch64", Run(@"C:\app\app.exe"), "windows/arm64", [layer()]);
        await FoundAsync("Files/app/app.exe", "AArch64", Run("c:/app/app"), "windows/arm64", [layer()]);
        await FoundAsync("Files/Windows/System32/cmd.exe", "x86-64", Run("cmd"), "windows/amd64", [new LayerSketch().File("Files/Windows/System32/cmd.exe", SampleProgram.Amd64)]);
    }

    [Fact]
    public async Task No_more_layers_are_read_than_tell()
    {
        var lowest = await LayerAsync(MediaTypes.OciLayerGzip, "not even an archive"u8.ToArray());
        var upper = await LayerAsync(MediaTypes.OciLayerGzip, new LayerSketch().File("app", SampleProgram.Arm64).ToGzip());
        Assert.Equal("app", (await SearchAsync(Run("/app"), "linux/arm64", lowest, upper)).Program!.Entry.Path);
        var missed = await SearchAsync(Run("/bin/sh"), "linux/arm64", lowest, await LayerAsync(MediaTypes.OciLayerGzip, new LayerSketch().File("a", "b").ToGzip()));
        Assert.Null(missed.Program);
        Assert.Contains("is no tar archive", missed.Obstacle!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_without_compression()
    {
        var layer = await LayerAsync("application/vnd.oci.image.layer.v1.tar", new LayerSketch().File("app", SampleProgram.Arm64).ToTar());
        Assert.Equal("app", (await SearchAsync(Run("/app"), "linux/arm64", layer)).Program!.Entry.Path);
    }

    [Fact]
    public async Task A_layer_that_ends_too_early_is_an_obstacle()
    {
        var whole = new LayerSketch().File("other", new byte[4000]).File("app", SampleProgram.Arm64).ToTar();
        var search = await SearchAsync(Run("/app"), "linux/arm64", await LayerAsync("application/vnd.oci.image.layer.v1.tar", whole[..3000]));
        Assert.Null(search.Program);
        Assert.IsType<InvalidImageException>(search.Obstacle);
    }

    [Fact]
    public async Task A_layer_of_an_unknown_kind_or_from_elsewhere_is_an_obstacle()
    {
        var bytes = new LayerSketch().File("app", SampleProgram.Arm64).ToGzip();
        var unknown = await SearchAsync(Run("/app"), "linux/arm64", await LayerAsync("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", bytes));
        Assert.Contains("tar+gzip+encrypted", unknown.Obstacle!.Message, StringComparison.Ordinal);
        var foreign = await SearchAsync(
            Run("cmd"), "windows/amd64", new Descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest.Of("elsewhere"u8.ToArray()), 9));
        Assert.Contains("not distributed", foreign.Obstacle!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_is_not_there_is_an_obstacle()
    {
        var gone = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of("gone"u8.ToArray()), 4);
        Assert.IsType<BlobNotFoundException>((await SearchAsync(Run("/app"), "linux/arm64", gone)).Obstacle);
    }

    private static Action<JObject> Run(string program, Action<JObject>? change = null) => config =>
    {
        config["Entrypoint"] = new JArray(program);
        change?.Invoke(config);
    };

    private async Task FoundAsync(string path, string machine, Action<JObject> run, params LayerSketch[] layers) =>
        await FoundAsync(path, machine, run, "linux/arm64", layers);

    private async Task FoundAsync(string path, string machine, Action<JObject> run, string platform, LayerSketch[] layers)
    {
        var search = await SearchAsync(run, platform, await LayersAsync(layers));
        Assert.Null(search.Obstacle);
        Assert.Equal((path, machine), (search.Program?.Entry.Path, search.Program?.Entry.Head?.Machine?.Name));
    }

    private async Task NothingAsync(Action<JObject> run, params LayerSketch[] layers) =>
        Assert.Equal(new ProgramSearch(null, null), await SearchAsync(run, "linux/arm64", await LayersAsync(layers)));

    private async Task<Descriptor[]> LayersAsync(LayerSketch[] layers) =>
        await Task.WhenAll(layers.Select(layer => LayerAsync(MediaTypes.OciLayerGzip, layer.ToGzip())));

    private Task<Descriptor> LayerAsync(string mediaType, byte[] bytes) => _bench.BlobAsync(mediaType, bytes);

    private async Task<ProgramSearch> SearchAsync(Action<JObject> run, string platform, params Descriptor[] layers)
    {
        var config = FatManifestWorkbench.Config(platform, "any", json => run((JObject)json["config"]!));
        var image = ImageManifest.Create(await _bench.BlobAsync(MediaTypes.OciConfig, config.ToString()), layers);
        return await ProgramFinder.FindAsync(_bench.Store, image, await _bench.Store.ReadConfigAsync(image, CancellationToken.None), CancellationToken.None);
    }
}
