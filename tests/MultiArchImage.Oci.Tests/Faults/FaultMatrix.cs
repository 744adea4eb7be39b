using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Registry;
using MultiArchImage.Oci.Transfer.Copying;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Faults;

/// <summary>
/// Each fault, once at some request and at every request, in one operation, before a real registry. What is done is done whole, or nothing is, and the
/// failure has a name.
/// </summary>
public abstract class FaultMatrix(FaultWorkbench bench)
{
    private const int Seeds = 3;
    private static readonly RegistryOptions Options = new() { MaximumRetryCount = 3, Timeout = TimeSpan.FromSeconds(1), WillPush = true };

    public static TheoryData<string> Faults => [.. Fault.All.Keys];

    /// <summary>What this operation cannot tell from a good answer.</summary>
    protected virtual FaultKind? Invisible => null;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected FaultWorkbench Bench => bench;

    /// <summary>How many requests the operation makes at least: the fault comes at one of them.</summary>
    protected abstract int Requests { get; }

    /// <summary>Runs the operation and checks its result.</summary>
    protected abstract Task RunAsync(FaultCase run);

    /// <summary>Checks what the operation left behind when it failed.</summary>
    protected virtual Task CheckAsync(FaultCase run) => Task.CompletedTask;

    [RegistryTheory]
    [Needs(Part.Speed)]
    [MemberData(nameof(Faults))]
    public Task Once_it_passes(string fault) => Task.WhenAll(Enumerable.Range(0, Seeds).Select(async seed =>
    {
        await using var run = new FaultCase(bench, fault, seed, new Random(seed).Next(Requests), isLasting: false);
        await run.ArmAsync();
        try
        {
            await RunAsync(run);
        }
        catch (Exception) when (run.Fault == Invisible)
        {
        }
        catch (DigestMismatchException) when (run.Fault == FaultKind.Corruption)
        {
            // Who sends something else once may do so again: it is told, and not tried.
            await CheckAsync(run);
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{run}: {e}");
        }
    }));

    [RegistryTheory]
    [Needs(Part.Speed)]
    [MemberData(nameof(Faults))]
    public async Task When_it_lasts_it_has_a_name_and_nothing_is_half_done(string fault)
    {
        await using var run = new FaultCase(bench, fault, seed: 17, first: 0, isLasting: true);
        await run.ArmAsync();
        try
        {
            await RunAsync(run);
            // A HEAD has no body to be wrong.
            Assert.True(run.Proxy.Strikes == 0, $"{run}: it succeeded although {run.Proxy.Strikes} requests failed");
        }
        catch (Exception) when (run.Fault == Invisible)
        {
        }
        catch (ImageException e)
        {
            Assert.False(string.IsNullOrWhiteSpace(e.Message), $"{run}: {e}");
            await CheckAsync(run);
        }
    }

    /// <summary>One fault in one run of an operation: the proxy, and clients that go through it.</summary>
    protected sealed class FaultCase(FaultWorkbench bench, string fault, int seed, int first, bool isLasting) : IAsyncDisposable
    {
        private readonly RecordingSink _sink = new();
        private ImageStores? _stores;

        /// <summary>The proxy before the registry.</summary>
        public FaultProxy Proxy { get; } = new(bench.Registry.Host, Testbed.Registries.Fault.All[fault], seed, first, isLasting);

        public FaultKind Fault => Testbed.Registries.Fault.All[fault].Kind;

        /// <summary>A name of this case's own.</summary>
        public string Name { get; } = bench.NewName();

        /// <summary>A layout of this case's own.</summary>
        public ImageReference Layout { get; } = bench.NewLayout();

        public ImageStores Stores => _stores ??= new ImageStores(new RegistryClient(
            isLasting ? Options with { MaximumRetryCount = 1 } : Options, new CredentialResolver(null), _sink, new HurriedTime(), new Random(seed)));

        /// <summary>A repository of the registry, through the proxy.</summary>
        public ImageReference Place(string repository) => ImageReference.Parse($"{Proxy.Host}/{repository}");

        /// <summary>Speaks to the registry once without a fault: one that never answered is taken for a wrong address.</summary>
        public async Task ArmAsync()
        {
            await Stores.Open(Place("source/app")).ResolveAsync("none", Cancel);
            Proxy.Arm();
        }

        public async Task CopyAsync(ImageReference source, ImageReference target)
        {
            var plan = await new CopyPlanner(Stores, _sink).PlanAsync(new CopyRequest(source, [target]), Cancel);
            using var copier = new ImageCopier(_sink, 4);
            await copier.CopyAsync(plan, Cancel);
        }

        public async ValueTask DisposeAsync()
        {
            _stores?.Dispose();
            await Proxy.DisposeAsync();
        }

        public override string ToString() => $"{fault} with seed {seed} from request {first}\n{string.Join('\n', _sink.Lines)}";
    }
}
