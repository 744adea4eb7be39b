using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Faults;

public sealed class ListFaultTests(FaultWorkbench bench) : FaultMatrix(bench), IClassFixture<FaultWorkbench>
{
    // Nothing says what a list should be.
    protected override FaultKind? Invisible => FaultKind.Corruption;

    protected override int Requests => 1;

    protected override async Task RunAsync(FaultCase run) =>
        Assert.Equal(["amd64", "arm64", "fat"], await run.Stores.Open(run.Place("source/app")).ListTagsAsync(Cancel).Order().ToListAsync(Cancel));
}

public sealed class ResolveFaultTests(FaultWorkbench bench) : FaultMatrix(bench), IClassFixture<FaultWorkbench>
{
    protected override int Requests => 1;

    protected override async Task RunAsync(FaultCase run) =>
        Assert.Equal(Bench.Fat, (await run.Stores.Open(run.Place("source/app")).ResolveAsync("fat", Cancel))!.Digest);
}

public sealed class PullFaultTests(FaultWorkbench bench) : FaultMatrix(bench), IClassFixture<FaultWorkbench>
{
    protected override int Requests => 9;

    protected override async Task RunAsync(FaultCase run)
    {
        await run.CopyAsync(run.Place("source/app").WithTag("fat"), run.Layout);
        Assert.Equal(Bench.Fat, await Bench.WholeAsync(run.Layout.WithTag("fat")));
    }

    protected override async Task CheckAsync(FaultCase run)
    {
        Assert.Null(await Bench.WholeAsync(run.Layout.WithTag("fat")));
        FaultWorkbench.RequireWhole(run.Layout);
    }
}

/// <summary>Operations that write a name of the registry: it has all of the fat manifest, or nothing.</summary>
public abstract class WriteFaults(FaultWorkbench bench) : FaultMatrix(bench)
{
    protected abstract Task WriteAsync(FaultCase run);

    /// <summary>The name, where no fault is.</summary>
    protected virtual ImageReference Written(FaultCase run) => ImageReference.Parse($"{Bench.Registry.Host}/{run.Name}:fat");

    protected override async Task RunAsync(FaultCase run)
    {
        await WriteAsync(run);
        Assert.Equal(Bench.Fat, await Bench.WholeAsync(Written(run)));
    }

    protected override async Task CheckAsync(FaultCase run)
    {
        // An answer that is lost every time leaves what was done: whole.
        Assert.Contains(await Bench.WholeAsync(Written(run)), new[] { null, Bench.Fat });
        await Bench.WholeAsync(Written(run).Place.WithDigest(Bench.Fat));
    }
}

public sealed class PushFaultTests(FaultWorkbench bench) : WriteFaults(bench), IClassFixture<FaultWorkbench>
{
    protected override int Requests => 16;

    protected override Task WriteAsync(FaultCase run) => run.CopyAsync(Bench.Layout.WithTag("fat"), run.Place(run.Name));
}

public sealed class MountFaultTests(FaultWorkbench bench) : WriteFaults(bench), IClassFixture<FaultWorkbench>
{
    protected override int Requests => 12;

    protected override Task WriteAsync(FaultCase run) => run.CopyAsync(run.Place("source/app").WithTag("fat"), run.Place(run.Name));
}

public sealed class CopyFaultTests(FaultWorkbench bench) : WriteFaults(bench), IClassFixture<FaultWorkbench>
{
    protected override int Requests => 9;

    protected override ImageReference Written(FaultCase run) => ImageReference.Parse($"{Bench.Other.Host}/{run.Name}:fat");

    protected override Task WriteAsync(FaultCase run) => run.CopyAsync(run.Place("source/app").WithTag("fat"), Written(run).Place);
}

public sealed class FatManifestFaultTests(FaultWorkbench bench) : WriteFaults(bench), IClassFixture<FaultWorkbench>
{
    protected override int Requests => 6;

    protected override ImageReference Written(FaultCase run) => ImageReference.Parse($"{Bench.Registry.Host}/source/app:{run.Name}");

    protected override async Task WriteAsync(FaultCase run)
    {
        var place = run.Place("source/app");
        var request = new JoinRequest { Name = place.WithTag(run.Name) };
        JoinSource[] sources = [new(place.WithTag("amd64")), new(place.WithTag("arm64"))];
        var planned = await new FatManifestPlanner(run.Stores, NullSink.Instance).PlanAsync(sources, request, Cancel);
        await new FatManifestPublisher(NullSink.Instance, 4).PublishAsync(planned.Single().Plan!, Cancel);
    }
}
