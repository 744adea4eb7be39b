using System.Diagnostics;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Benchmarks;

/// <summary>
/// Fat manifests of two platforms from tags, one after the other, on one registry of this machine: cmdlets in a session that is warm, against the
/// processes that each peer needs for them.
/// </summary>
internal static class PeerRace
{
    private const int FatManifests = 100;

    public static async Task RunAsync()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var repository = new BareRepository(registry.Host, "team/app");
        using var peers = new PeerPrograms();
        await PrepareAsync(repository);
        await registry.TakeRequestsAsync();

        Console.WriteLine($"{FatManifests} fat manifests of two platforms:");
        var ours = await WithModuleAsync(repository, registry);
        foreach (var (peer, make) in Peers(peers, repository.Reference))
        {
            var start = Stopwatch.GetTimestamp();
            for (var number = 1; number <= FatManifests; number++)
                await make($"{number}");
            await ReportAsync(peer, Stopwatch.GetElapsedTime(start), registry, ours);
        }
    }

    private static async Task PrepareAsync(BareRepository repository)
    {
        // Images of their own for each, so that nobody profits from what he read before; those of a first session warm it.
        for (var number = 1 - FatManifests; number <= FatManifests; number++)
        {
            await repository.PushImageAsync($"amd64-{number}", "linux/amd64", docker: true, salt: $"{number}");
            await repository.PushImageAsync($"arm64-{number}", "linux/arm64", docker: true, salt: $"{number}");
        }
    }

    private static async Task<TimeSpan> WithModuleAsync(BareRepository repository, RegistryProcess registry)
    {
        using var session = new PowerShellSession();
        var variables = new Dictionary<string, object?> { ["r"] = repository.Reference };
        await JoinAsync(1 - FatManifests, 0);
        await registry.TakeRequestsAsync();
        var start = Stopwatch.GetTimestamp();
        await JoinAsync(1, FatManifests);
        var time = Stopwatch.GetElapsedTime(start);
        await ReportAsync("this module", time, registry, time);

        // As after Publish-ArchImage: what the objects know is not asked for again, which no peer can be told.
        await RunAsync($"$known = @{{}}; foreach ($n in 1..{FatManifests}) {{ $known[$n] = Get-ArchImage \"${{r}}:amd64-$n\", \"${{r}}:arm64-$n\" -Remote }}");
        await registry.TakeRequestsAsync();
        start = Stopwatch.GetTimestamp();
        await RunAsync($"foreach ($n in 1..{FatManifests}) {{ $known[$n] | New-FatManifest -Name \"${{r}}:known-$n\" }}");
        await ReportAsync("from its objects", Stopwatch.GetElapsedTime(start), registry, time);
        return time;

        Task JoinAsync(int first, int last) => RunAsync(
            $"foreach ($n in {first}..{last}) {{ New-FatManifest \"${{r}}:amd64-$n\", \"${{r}}:arm64-$n\" -Name \"${{r}}:ours-$n\" }}");

        async Task RunAsync(string script) => (await session.RunAsync(script, variables)).WithoutErrors();
    }

    private static IEnumerable<(string Peer, Func<string, Task> Make)> Peers(PeerPrograms peers, string r)
    {
        yield return ("docker manifest", async n =>
        {
            (await peers.DockerAsync("manifest", "create", "--insecure", $"{r}:docker-{n}", $"{r}:amd64-{n}", $"{r}:arm64-{n}")).WithoutError();
            (await peers.DockerAsync("manifest", "push", "--insecure", $"{r}:docker-{n}")).WithoutError();
        });
        yield return ("oras", async n =>
            (await peers.OrasAsync("manifest", "index", "create", "--plain-http", $"{r}:oras-{n}", $"amd64-{n}", $"arm64-{n}")).WithoutError());
        yield return ("crane", async n =>
            (await peers.CraneAsync("index", "append", "--tag", $"{r}:crane-{n}", "--manifest", $"{r}:amd64-{n}", "--manifest", $"{r}:arm64-{n}")).WithoutError());
        yield return ("buildx imagetools", async n =>
            (await peers.ImagetoolsAsync("create", "--tag", $"{r}:buildx-{n}", $"{r}:amd64-{n}", $"{r}:arm64-{n}")).WithoutError());
        yield return ("podman manifest", async n =>
        {
            (await peers.PodmanAsync("manifest", "create", $"{r}:podman-{n}")).WithoutError();
            foreach (var architecture in new[] { "amd64", "arm64" })
                (await peers.PodmanAsync("manifest", "add", "--tls-verify=false", $"{r}:podman-{n}", $"docker://{r}:{architecture}-{n}")).WithoutError();
            (await peers.PodmanAsync("manifest", "push", "--all", "--tls-verify=false", $"{r}:podman-{n}", $"docker://{r}:podman-{n}")).WithoutError();
        });
    }

    private static async Task ReportAsync(string who, TimeSpan time, RegistryProcess registry, TimeSpan ours)
    {
        var requests = (await registry.TakeRequestsAsync()).Count;
        Console.WriteLine(
            $"{who,-18} {time.TotalSeconds,7:0.00} s {time.TotalMilliseconds / FatManifests,7:0.0} ms each {(double)requests / FatManifests,6:0.0} requests each {time / ours,6:0.0} times this module");
    }
}
