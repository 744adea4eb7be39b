using System.Diagnostics;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>
/// Steps that are ended as Jenkins ends them, with SIGTERM, at seeded moments. PowerShell cleans nothing up then: what the step wrote to must be whole
/// as it is, for others to read, and the same step must do its work the next time.
/// </summary>
[Needs(Part.UnixProcesses)]
public sealed class AbortTests(AbortBench bench) : IClassFixture<AbortBench>
{
    private const int Moments = 4;
    private const int Terminated = 143;

    public static TheoryData<string> Steps => [.. AbortedStep.All.Keys];

    [RegistryTheory]
    [MemberData(nameof(Steps))]
    public async Task What_a_step_wrote_to_is_whole_and_the_next_run_does_its_work(string name)
    {
        var step = AbortedStep.All[name];
        var took = await MeasureAsync(step);
        var random = new Random(AbortBench.Seed);
        var aborted = await Task.WhenAll(Enumerable.Range(0, Moments).Select(_ => AbortAsync(step, took * random.NextDouble())));
        Assert.Contains(Terminated, aborted);
    }

    [RegistryFact]
    public async Task A_file_of_images_that_is_written_again_and_again_is_the_old_one_or_the_new_one()
    {
        var host = bench.NewHost();
        await AbortBench.SucceedAsync(host, "Get-ArchImage oci:source:* | Export-ArchImage images.json");
        Assert.Equal(Terminated, await TerminateAsync(host, "while ($true) { Get-ArchImage oci:source:* | Export-ArchImage images.json }", TimeSpan.FromMilliseconds(300)));
        Assert.Equal("2", await AbortBench.SucceedAsync(host, "$images = Import-ArchImage images*.json; $images.Count"));
    }

    [RegistryFact]
    public async Task A_login_file_that_is_written_again_and_again_keeps_what_others_wrote_in_it()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync("jenkins", "secret");
        var host = bench.NewHost();
        host.Environment["HUB_USR"] = "jenkins";
        host.Environment["HUB_PSW"] = "secret";
        var file = host.Home.Write(".docker/config.json", """{"auths":{"other.example.org":{"auth":"YTpi"}},"proxies":{"default":{"noProxy":"localhost"}}}""");
        var login = $"Connect-ArchRegistry {registry.Host} -FromEnvironment HUB";
        Assert.Equal(Terminated, await TerminateAsync(host, $"while ($true) {{ $null = {login}; $null = Disconnect-ArchRegistry {registry.Host} }}", TimeSpan.FromMilliseconds(300)));
        await AbortBench.SucceedAsync(host, login);
        var json = JObject.Parse(await File.ReadAllTextAsync(file));
        Assert.Equal(["other.example.org", registry.Host], ((JObject)json["auths"]!).Properties().Select(property => property.Name));
        Assert.Equal("localhost", (string?)json.SelectToken("proxies.default.noProxy"));
    }

    [EngineFact]
    public async Task A_build_in_the_engine_ends_with_the_step()
    {
        var host = bench.NewHost();
        host.Environment["DOCKER_HOST"] = Requirements.DockerHost;
        host.Home.Write("app/Dockerfile", "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sleep\", \"4713\"]\n");
        File.Copy(Path.Combine(Requirements.Busybox!, "busybox-amd64"), host.Home["app", "busybox"]);
        const string build = "$image = New-ArchImage app -Repository $env:REGISTRY/aborted -Tag '{arch}-1' -Platform linux/amd64 -NoCache; $image | Publish-ArchImage; $image | Remove-ArchImage";
        using (var process = Start(host, build))
        {
            await ReadyAsync(process);
            await UntilAsync(() => IsRunningAsync("sleep 4713"));
            Assert.Equal(Terminated, await TerminateAsync(process));
        }
        await UntilAsync(async () => !await IsRunningAsync("sleep 4713"));
        host.Home.Write("app/Dockerfile", "FROM scratch\nCOPY busybox /bin/busybox\n");
        await AbortBench.SucceedAsync(host, build);
        await Tool.RunAsync("skopeo", "inspect", "--tls-verify=false", $"docker://{bench.Registry.Host}/aborted:amd64-1");
    }

    private async Task<TimeSpan> MeasureAsync(AbortedStep step)
    {
        var host = bench.NewHost();
        if (step.Before is not null)
            await AbortBench.SucceedAsync(host, step.Before);
        using var process = Start(host, step.Script);
        await ReadyAsync(process);
        var start = Stopwatch.StartNew();
        Assert.Equal("done", await LastLineAsync(process));
        return start.Elapsed;
    }

    // How the aborted run ended; whatever came of it, all that is there is whole, and the same step succeeds.
    private async Task<int> AbortAsync(AbortedStep step, TimeSpan moment)
    {
        var host = bench.NewHost();
        if (step.Before is not null)
            await AbortBench.SucceedAsync(host, step.Before);
        var exitCode = await TerminateAsync(host, step.Script, moment);
        var words = step.Result.Split(' ');
        var place = words[0].Replace("$REGISTRY", bench.Registry.Host, StringComparison.Ordinal).Replace("$NAME", host.Environment["NAME"], StringComparison.Ordinal)
            .Replace("oci:made", $"oci:{host.Home["made"]}", StringComparison.Ordinal);
        foreach (var tag in await TagsAsync(place))
            await RequireWholeAsync(place, tag, host.Home[$"read-{tag}"]);
        await AbortBench.SucceedAsync(host, step.Script);
        Assert.Equal(words[1..], await TagsAsync(place));
        foreach (var tag in words[1..])
            await RequireWholeAsync(place, tag, host.Home[$"read-again-{tag}"]);
        return exitCode;
    }

    private static async Task<IEnumerable<string>> TagsAsync(string place)
    {
        if (place.StartsWith("docker:", StringComparison.Ordinal))
        {
            var (exitCode, output, error) = await Tool.TryRunAsync("skopeo", "list-tags", "--tls-verify=false", place);
            Assert.True(exitCode == 0 || error.Contains("404", StringComparison.Ordinal), error);
            return exitCode == 0 ? JObject.Parse(output)["Tags"]!.Values<string>().Select(tag => tag!).Order(StringComparer.Ordinal) : [];
        }
        var index = Path.Combine(place["oci:".Length..], "index.json");
        return !File.Exists(index) ? [] : JObject.Parse(await File.ReadAllTextAsync(index))["manifests"]!
            .Select(entry => (string?)entry.SelectToken("annotations.['org.opencontainers.image.ref.name']")).OfType<string>().Order(StringComparer.Ordinal);
    }

    // skopeo reads all that a name leads to, and compares each with its digest.
    private static Task<string> RequireWholeAsync(string place, string tag, string folder) =>
        Tool.RunAsync("skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", $"{place}:{tag}", $"dir:{folder}");

    private static Process Start(HostProcess host, string script) => host.Start(
        "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; $null = Resolve-ArchTag Latest; 'ready'; $null = [Console]::In.ReadLine(); $null = & {{ {script} }}; 'done'");

    private static async Task ReadyAsync(Process process)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(limit.Token));
        await process.StandardInput.WriteLineAsync("go");
        await process.StandardInput.FlushAsync(limit.Token);
    }

    private static async Task<int> TerminateAsync(HostProcess host, string script, TimeSpan moment)
    {
        using var process = Start(host, script);
        await ReadyAsync(process);
        await Task.Delay(moment);
        return await TerminateAsync(process);
    }

    private static async Task<int> TerminateAsync(Process process)
    {
        await Tool.TryRunAsync("kill", "-TERM", $"{process.Id}");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    private static async Task<string?> LastLineAsync(Process process)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        return await process.StandardOutput.ReadLineAsync(limit.Token) ?? await process.StandardError.ReadToEndAsync(limit.Token);
    }

    private static async Task<bool> IsRunningAsync(string command) => (await Tool.TryRunAsync("pgrep", "-f", command)).ExitCode == 0;

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var start = Stopwatch.StartNew(); !await condition(); await Task.Delay(100))
            Assert.True(start.Elapsed < TimeSpan.FromSeconds(60), "It did not come about within a minute.");
    }
}
