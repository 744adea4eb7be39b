using System.Diagnostics;
using System.Globalization;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Benchmarks;

/// <summary>
/// Large images between registries of this machine and from a layout against skopeo, oras and crane, and long lists of tags against skopeo: time, the
/// client's own CPU, and what the process holds in memory above what it holds idle. Each run gets a registry that is empty; they take turns. The floor
/// between registries is what moves the bytes and does nothing else.
/// </summary>
internal static class Transfers
{
    private const int Rounds = 5;
    private const int Tags = 1000;
    private const long Mebibyte = 1024 * 1024;

    private const string Script = """
        param($source, $destination, $small, $smallDestination)
        $ErrorActionPreference = 'Stop'
        $ProgressPreference = 'SilentlyContinue'
        Copy-ArchImage $small $smallDestination | Out-Null
        $me = [Diagnostics.Process]::GetCurrentProcess()
        [GC]::Collect()
        [IO.File]::WriteAllText('/proc/self/clear_refs', '5') # proc(5): resets the peak
        $me.Refresh()
        $idle = $me.WorkingSet64
        $cpu = $me.TotalProcessorTime
        $time = [Diagnostics.Stopwatch]::StartNew()
        Copy-ArchImage $source $destination | Out-Null
        $time.Stop()
        $me.Refresh()
        "$($time.Elapsed.TotalSeconds) $(($me.TotalProcessorTime - $cpu).TotalSeconds) $($me.PeakWorkingSet64 - $idle)"
        """;

    public static async Task RunAsync()
    {
        using var small = new LargeLayout(Mebibyte);
        using (var half = new LargeLayout(512 * Mebibyte))
            await CopyAsync("512 MiB of two platforms, registry to registry", half, small);
        using (var push = new LargeLayout(400_000_000))
            await RaceAsync("400 MB of two platforms, layout to registry", $"oci:{push.Path}:large", push, small);
        using (var large = new LargeLayout(2048 * Mebibyte))
            await RememberAsync(large, small);
        await ListAsync(small);
    }

    private static async Task CopyAsync(string what, LargeLayout layout, LargeLayout small)
    {
        await using var source = await RegistryProcess.StartAsync();
        await ProgramAsync($"{SkopeoCommand($"oci:{layout.Path}:large")}{source.Host}/team/app:large");
        await RaceAsync(what, $"{source.Host}/team/app:large", layout, small);
    }

    private static async Task RaceAsync(string what, string from, LargeLayout layout, LargeLayout small)
    {
        Console.WriteLine($"{what}:");
        var runners = Runners(from, layout, small).Select(runner => (runner.Name, runner.CopyAsync, Costs: new List<Cost>())).ToList();
        for (var round = 0; round < Rounds; round++)
            foreach (var (_, copyAsync, costs) in runners)
            {
                await using var empty = await RegistryProcess.StartAsync();
                costs.Add(await copyAsync(empty.Host));
            }
        var ours = Median(runners[0].Costs);
        Console.WriteLine($"  {runners[0].Name,-18}{ours}");
        foreach (var (name, _, costs) in runners.Skip(1))
            Console.WriteLine($"  {name,-18}{Median(costs)}; the module needs {ours.Time / Median(costs).Time:0.00} of its time");
    }

    private static IEnumerable<(string Name, Func<string, Task<Cost>> CopyAsync)> Runners(string from, LargeLayout layout, LargeLayout small)
    {
        yield return ("Copy-ArchImage", target => ModuleAsync(from, $"{target}/team/app", small));
        foreach (var (name, command) in Peers(from, layout))
            yield return (name, target => ProgramAsync($"{command}{target}/team/app:large"));
        if (!from.StartsWith("oci:", StringComparison.Ordinal))
            yield return ("a bare pump", target => PumpAsync(from[..from.IndexOf('/', StringComparison.Ordinal)], target, layout));
    }

    // The command lines lack the target, which is their last word.
    private static IEnumerable<(string Name, string Command)> Peers(string from, LargeLayout layout)
    {
        var isLayout = from.StartsWith("oci:", StringComparison.Ordinal);
        yield return ("skopeo copy --all", SkopeoCommand(isLayout ? $"oci:{layout.Path}:large" : $"docker://{from}"));
        if (Requirements.Peers is not { } folder)
            yield break;
        yield return ("oras cp", $"{folder}/oras cp --no-tty --to-plain-http {(isLayout ? $"--from-oci-layout {layout.Path}:large" : $"--from-plain-http {from}")} ");
        if (!isLayout)
            yield return ("crane copy", $"{folder}/crane copy {from} ");
    }

    private static string SkopeoCommand(string from) => $"skopeo copy --quiet --all --src-tls-verify=false --dest-tls-verify=false {from} docker://";

    private static async Task RememberAsync(LargeLayout layout, LargeLayout small)
    {
        await using var source = await RegistryProcess.StartAsync();
        await using var target = await RegistryProcess.StartAsync();
        await ProgramAsync($"{SkopeoCommand($"oci:{layout.Path}:large")}{source.Host}/team/app:large");
        var cost = await ModuleAsync($"{source.Host}/team/app:large", $"{target.Host}/team/app", small);
        Console.WriteLine($"2 GiB of two platforms, registry to registry:\n  Copy-ArchImage    {cost}");
    }

    private static async Task ListAsync(LargeLayout small)
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var session = new PowerShellSession();
        var variables = new Dictionary<string, object?> { ["r"] = $"{registry.Host}/team/app", ["layout"] = $"oci:{small.Path}:large" };
        await RunAsync($"Copy-ArchImage $layout (1..{Tags} | ForEach-Object {{ \"${{r}}:tag-$_\" }})");
        await RunAsync("Get-ArchImage $r -Remote -NameOnly");
        var (ours, theirs) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var round = 0; round < Rounds * 3; round++)
        {
            ours.Add(await TimeAsync(() => RunAsync("Get-ArchImage $r -Remote -NameOnly")));
            theirs.Add(await TimeAsync(() => Tool.RunAsync("skopeo", "list-tags", "--tls-verify=false", $"docker://{registry.Host}/team/app")));
        }
        var (mine, other) = (Median(ours), Median(theirs));
        Console.WriteLine($"{Tags} tags:\n  skopeo list-tags {other.TotalMilliseconds:0} ms\n  Get-ArchImage    {mine.TotalMilliseconds:0} ms");
        Console.WriteLine($"  ratio {mine / other:0.00}");

        async Task RunAsync(string script) => (await session.RunAsync(script, variables)).WithoutErrors();
    }

    private static async Task<Cost> ModuleAsync(string from, string to, LargeLayout small)
    {
        using var host = new HostProcess();
        var script = host.Home.Write("transfer.ps1", Script);
        var result = await host.RunAsync(script, from, to, $"oci:{small.Path}:large", $"{to}-small");
        if (result.ExitCode != 0)
            throw new InvalidOperationException(result.Error);
        var figures = result.Output.Trim().Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture)).ToList();
        return new Cost(figures[0], figures[1], figures[2] / Mebibyte);
    }

    private static async Task<Cost> PumpAsync(string from, string to, LargeLayout layout)
    {
        var (cpu, start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await new BarePump(from, to).RunAsync(layout.Layers);
        return new Cost(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, null);
    }

    private static async Task<Cost> ProgramAsync(string command)
    {
        var start = Stopwatch.GetTimestamp();
        var times = await Tool.RunAsync("bash", "-c", $"TIMEFORMAT='%U %S'; {{ time {command} > /dev/null 2>&1; }} 2>&1");
        var cpu = times.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(figure => double.Parse(figure, CultureInfo.InvariantCulture)).Sum();
        return new Cost(Stopwatch.GetElapsedTime(start).TotalSeconds, cpu, null);
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start);
    }

    private static Cost Median(List<Cost> costs) => costs.OrderBy(cost => cost.Time).ElementAt(costs.Count / 2);

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>Seconds, seconds of CPU of the client alone, and the most MiB that it held above what it holds idle, where that was looked at.</summary>
    private sealed record Cost(double Time, double Cpu, double? Memory)
    {
        public override string ToString() => $"{Time,6:0.00} s {Cpu,6:0.00} s CPU{(Memory is null ? "" : $" {Memory,5:0} MiB above idle")}";
    }
}
