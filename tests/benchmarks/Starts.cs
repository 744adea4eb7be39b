using System.Globalization;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Benchmarks;

/// <summary>
/// What a fresh process waits for: the import beside that of an empty module, and the first fat manifest read beside a later one. The process is
/// the Host, or the PowerShell that <c>MULTIARCHIMAGE_TEST_PWSH</c> names.
/// </summary>
internal static class Starts
{
    private const int Rounds = 11;

    private const string Script = """
        param($empty, $module, $reference)
        $ErrorActionPreference = 'Stop'
        Import-Module $empty # warms Import-Module itself
        $times = foreach ($work in { Import-Module $empty -Force }, { Import-Module $module -Force }, { $null = Get-FatManifest $reference }, { $null = Get-FatManifest $reference }) {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            . $work
            $watch.Elapsed.TotalMilliseconds
        }
        "$times"
        """;

    public static async Task RunAsync()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var repository = new BareRepository(registry.Host, "team/app");
        await repository.PushImageAsync("amd64", "linux/amd64");
        await repository.PutIndexAsync("fat", await repository.DescriptorAsync("amd64", "linux/amd64"));
        var times = new List<double[]>();
        for (var round = 0; round < Rounds; round++)
            times.Add(await MeasureAsync($"{repository.Reference}:fat"));
        Console.WriteLine($"Import-Module in a fresh process: {Median(time => time[1]):0} ms, {Median(time => time[1] - time[0]):0} ms above an empty module's");
        Console.WriteLine($"the first Get-FatManifest: {Median(time => time[2]):0} ms, {Median(time => time[2] - time[3]):0} ms above the second");

        double Median(Func<double[], double> figure) => times.Select(figure).Order().ElementAt(Rounds / 2);
    }

    private static async Task<double[]> MeasureAsync(string reference)
    {
        using var host = new HostProcess { Shell = Environment.GetEnvironmentVariable("MULTIARCHIMAGE_TEST_PWSH") ?? HostProcess.Program };
        var empty = host.Home.Write("Empty/Empty.psm1", "function Get-Nothing { }");
        var result = await host.RunAsync(host.Home.Write("start.ps1", Script), empty, Path.Combine(HostProcess.ModuleFolder, "MultiArchImage.psd1"), reference);
        return result.ExitCode == 0
            ? [.. result.Output.Trim().Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException(result.Error);
    }
}
