using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.FatManifests.Updating;
using MultiArchImage.Oci.FatManifests.Verification;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Executables;
using MultiArchImage.Oci.Tests.FatManifests.Verification;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.FatManifests;

/// <summary>An image whose config says the right machine and whose programs are another's: what <c>-Deep</c> is for.</summary>
public sealed class ProgramGateTests : IDisposable
{
    private readonly FatManifestWorkbench _bench = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task True_images_are_joined()
    {
        var plan = await PlanAsync(new JoinRequest { Deep = true }, await AddAsync("amd64"), await AddAsync("arm64"));
        Assert.Equal(2, plan.Index.Images.Count());
        Assert.Empty(_sink.Lines);
    }

    [Fact]
    public async Task An_image_on_the_base_of_another_machine_stops_all()
    {
        var lie = await AddAsync("arm64", SampleProgram.Amd64);
        var failure = await Assert.ThrowsAsync<ProgramMismatchException>(() => PlanAsync(new JoinRequest { Deep = true }, lie));
        Assert.Matches(
            @":all would promise what its images cannot keep: .*:arm64: /bin/busybox in layer sha256:[0-9a-f]{12} is an ELF for x86-64, the config says linux/arm64; nothing was pushed; build",
            failure.Message);
        Assert.Equal(FailureKind.InvalidData, failure.Kind);
    }

    [Fact]
    public async Task Nobody_looks_at_programs_who_was_not_asked_to() =>
        Assert.Single((await PlanAsync(new JoinRequest(), await AddAsync("arm64", SampleProgram.Amd64))).Index.Images);

    [Fact]
    public async Task What_was_allowed_is_told()
    {
        var request = new JoinRequest { Deep = true, AllowPlatformMismatch = true };
        Assert.Single((await PlanAsync(request, await AddAsync("arm64", SampleProgram.Amd64))).Index.Images);
        Assert.Contains("is an ELF for x86-64", Assert.Single(_sink.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_not_be_looked_at_is_told()
    {
        await _bench.ImageAsync("linux/arm64", ["no archive"u8.ToArray()], tag: "arm64");
        Assert.Single((await PlanAsync(new JoinRequest { Deep = true }, _bench.Place.WithTag("arm64"))).Index.Images);
        Assert.Matches(":arm64 runs on linux/arm64 was not looked at: layer .* is no tar archive", Assert.Single(_sink.Lines));
    }

    [Fact]
    public async Task The_same_layers_for_two_platforms_stop_all_and_are_told_where_they_are_allowed()
    {
        await _bench.ImageAsync("linux/amd64", "the same", tag: "amd64");
        await _bench.ImageAsync("linux/arm64", "the same", tag: "arm64");
        var both = new[] { _bench.Place.WithTag("amd64"), _bench.Place.WithTag("arm64") };
        var failure = await Assert.ThrowsAsync<SameLayersException>(() => PlanAsync(new JoinRequest { Deep = true }, both));
        Assert.Contains("linux/amd64 and linux/arm64 have the same layers", failure.Message, StringComparison.Ordinal);
        await PlanAsync(new JoinRequest { Deep = true, AllowPlatformMismatch = true }, both);
        Assert.Equal("linux/amd64 and linux/arm64 have the same layers; are they built for one machine?", Assert.Single(_sink.Lines));
    }

    [Fact]
    public async Task An_image_that_another_job_described_is_looked_at_too()
    {
        var reference = await AddAsync("arm64", SampleProgram.Amd64);
        var known = await _bench.Store.ResolveAsync("arm64", Cancel);
        var source = JoinSource.Of(new ArchImage
        {
            Reference = $"{reference}", Platform = "linux/arm64", Digest = $"{known!.Digest}", MediaType = known.MediaType, ManifestSize = known.Size,
        });
        Assert.NotNull(source.Known);
        await Assert.ThrowsAsync<ProgramMismatchException>(() => PlanAsync(new JoinRequest { Deep = true }, source));
    }

    [Fact]
    public async Task No_lie_is_put_in_place_of_an_entry()
    {
        var updater = new FatManifestUpdater(_bench.Stores, _sink, 4);
        var request = new UpdateRequest(_bench.Place.WithTag("all")) { Images = [new JoinSource(await AddAsync("arm64", SampleProgram.Amd64))] };
        await Assert.ThrowsAsync<ProgramMismatchException>(() => updater.PlanAsync(request with { Deep = true }, Cancel));
        Assert.False((await updater.PlanAsync(request, Cancel)).IsNoOp);
    }

    [Fact]
    public async Task A_published_lie_is_found()
    {
        var lie = await ImageAsync("arm64", SampleProgram.Amd64);
        await _bench.IndexAsync("all", await ImageAsync("amd64"), lie);
        Assert.Empty(await _bench.FindAsync("all"));
        var finding = Assert.Single(await _bench.FindAsync("all", new VerificationRequest { Deep = true }));
        Assert.Equal(("ProgramMismatch", "Error", "linux/arm64", $"{lie.Digest}"), (finding.Code, finding.Severity, finding.Platform, finding.Digest));
        Assert.Matches("^/bin/busybox in layer sha256:[0-9a-f]{12} is an ELF for x86-64, the config says linux/arm64$", finding.Message);
    }

    [Fact]
    public async Task A_layer_that_could_not_be_looked_at_is_a_warning_and_a_missing_one_only_missing()
    {
        var odd = await _bench.ImageAsync("linux/amd64", ["no archive"u8.ToArray()]);
        await _bench.IndexAsync("odd", odd);
        var finding = Assert.Single(await _bench.FindAsync("odd", new VerificationRequest { Deep = true }));
        Assert.Equal(("ProgramUnseen", "Warning"), (finding.Code, finding.Severity));
        File.Delete(_bench.FileOf(Digest.Of("no archive"u8.ToArray())));
        Assert.Equal("BlobMissing", Assert.Single(await _bench.FindAsync("odd", new VerificationRequest { Deep = true })).Code);
    }

    [RegistryFact]
    [Needs(Part.Engine)]
    public async Task Real_programs_on_a_real_registry_and_no_more_layers_than_tell()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var fixture = new RegistryFixture();
        using var bench = new FatManifestWorkbench(new ImageStores(fixture.Client()), ImageReference.Parse($"{registry.Host}/deep"));
        var programs = new LayerSketch().Folder("bin").File("bin/busybox", await File.ReadAllBytesAsync(Path.Combine(Requirements.Busybox!, "busybox-amd64"), Cancel)).Link("bin/sh", "busybox");
        var content = new LayerSketch().File("entry.sh", "#!/bin/sh\n");
        var lie = await bench.ImageAsync("linux/arm64", [new LayerSketch().File("lowest", "never read").ToGzip(), programs.ToGzip(), content.ToGzip()], Run("/entry.sh"));
        await bench.IndexAsync("all", lie);
        await registry.TakeRequestsAsync();
        var planner = new FatManifestPlanner(bench.Stores, _sink);
        var planned = await planner.PlanAsync([new JoinSource(bench.Place.WithTag("all"))], new JoinRequest { Name = bench.Place.WithTag("new"), Deep = true }, Cancel);
        Assert.IsType<ProgramMismatchException>(Assert.Single(planned).Failure);
        // The config and two of the three layers.
        Assert.Equal(3, (await registry.TakeRequestsAsync()).Count(request => request.Path.Contains("/blobs/", StringComparison.Ordinal)));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Action<JObject> Run(string program) => config => config["config"]!["Entrypoint"] = new JArray(program);

    private async Task<ImageReference> AddAsync(string architecture, byte[]? program = null)
    {
        await ImageAsync(architecture, program, architecture);
        return _bench.Place.WithTag(architecture);
    }

    private Task<Descriptor> ImageAsync(string architecture, byte[]? program = null, string? tag = null)
    {
        var own = architecture == "amd64" ? SampleProgram.Amd64 : SampleProgram.Arm64;
        var layer = new LayerSketch().File("bin/busybox", program ?? own).Link("bin/sh", "busybox");
        return _bench.ImageAsync($"linux/{architecture}", [layer.ToGzip()], Run("/bin/sh"), tag);
    }

    private async Task<FatManifestPlan> PlanAsync(JoinRequest request, params JoinSource[] sources)
    {
        var planned = await new FatManifestPlanner(_bench.Stores, _sink).PlanAsync(sources, request with { Name = _bench.Place.WithTag("all") }, Cancel);
        return Assert.Single(planned).Plan ?? throw planned[0].Failure!;
    }

    private Task<FatManifestPlan> PlanAsync(JoinRequest request, params ImageReference[] sources) =>
        PlanAsync(request, [.. sources.Select(source => new JoinSource(source))]);
}
