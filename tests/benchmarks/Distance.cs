using System.Diagnostics;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Benchmarks;

/// <summary>
/// A fat manifest from tags on a registry that is a round trip of 20 ms away, against the floor: three bare requests one after the other over the
/// same way.
/// </summary>
internal static class Distance
{
    private const int Runs = 10;

    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(20);

    public static async Task RunAsync()
    {
        await using var registry = await RegistryProcess.StartAsync();
        await using var proxy = new DelayingProxy(registry.Host, RoundTrip);
        using var http = new HttpClient();
        var floor = await BestOfAsync(async () =>
        {
            for (var request = 0; request < 3; request++)
                using (await http.GetAsync(new Uri($"http://{proxy.Host}/v2/")))
                {
                }
        });
        Console.WriteLine($"floor, three bare requests: {floor.TotalMilliseconds,6:0} ms");
        foreach (var entries in new[] { 2, 6, 200 })
        {
            var join = await DistantJoin.PrepareAsync(registry.Host, proxy.Host, entries);
            var time = await BestOfAsync(join.JoinAsync);
            Console.WriteLine($"{entries,3} entries from tags:       {time.TotalMilliseconds,6:0} ms, {time / floor:0.00} of the floor");
        }
    }

    private static async Task<TimeSpan> BestOfAsync(Func<Task> work)
    {
        await work();
        var best = TimeSpan.MaxValue;
        for (var run = 0; run < Runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            await work();
            var elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;
        }
        return best;
    }
}
