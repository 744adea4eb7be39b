using System.Diagnostics;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Benchmarks;

/// <summary>Many fat manifests in one pipeline, and one with many entries: time, requests, and what the process holds then.</summary>
internal static class ManyFatManifests
{
    private const int FatManifests = 1000;
    private const int Entries = 200;

    private static readonly string[] Architectures = ["amd64", "arm64", "ppc64le", "riscv64", "s390x", "386"];

    public static async Task RunAsync()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var repository = new BareRepository(registry.Host, "team/app");
        using var session = new PowerShellSession();
        var variables = new Dictionary<string, object?> { ["r"] = repository.Reference };

        foreach (var architecture in Architectures)
            await repository.PushImageAsync($"{architecture}-latest", $"linux/{architecture}");
        await MeasureAsync($"{FatManifests} fat manifests of six platforms, each from its tags", """
            foreach ($n in 1..1000) { New-FatManifest -FromTemplate "${r}:{arch}-latest" -Platform amd64, arm64, ppc64le, riscv64, s390x, 386 -Name "${r}:a-$n" }
            """);
        await MeasureAsync($"{FatManifests} fat manifests of six platforms, the images in one pipeline", """
            $images = Get-ArchImage ${r}:*-latest -Remote
            1..1000 | ForEach-Object { $images | New-FatManifest -Name "${r}:b-$_" }
            """);

        for (var number = 0; number < Entries; number++)
            await repository.PushImageAsync($"arm-v{number}", $"linux/arm/v{number}");
        await MeasureAsync($"one of {Entries} entries, from their tags", "New-FatManifest (0..199 | ForEach-Object { \"${r}:arm-v$_\" }) -Name ${r}:large");
        await MeasureAsync($"the same again", "New-FatManifest (0..199 | ForEach-Object { \"${r}:arm-v$_\" }) -Name ${r}:large");

        async Task MeasureAsync(string what, string script)
        {
            await registry.TakeRequestsAsync();
            var start = Stopwatch.GetTimestamp();
            (await session.RunAsync(script, variables)).WithoutErrors();
            var time = Stopwatch.GetElapsedTime(start);
            var requests = await registry.TakeRequestsAsync();
            Console.WriteLine($"{what}: {time.TotalSeconds:0.00} s, {requests.Count} requests, {requests.Count(request => request.Method == "PUT")} of them PUT");
        }
    }
}
