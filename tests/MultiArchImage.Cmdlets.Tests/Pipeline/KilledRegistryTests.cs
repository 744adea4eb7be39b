using System.Diagnostics;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>
/// A registry whose process is killed again and again, at seeded moments, while clients push blobs whole and in chunks and move tags. What it
/// answered as done is there when the next one starts over the folder, and nothing half.
/// </summary>
[Needs(Part.HttpListener)]
public sealed class KilledRegistryTests : IDisposable
{
    private const int Kills = 20;
    private const int Seed = 20261124;

    private readonly TemporaryFolder _folder = new();
    private readonly HostProcess _host = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _host.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_that_was_answered_is_lost_and_nothing_is_half()
    {
        _host.Home.Write("serve.ps1", "(Start-ArchRegistry $args[0]).Registry; [Threading.Thread]::Sleep(-1)");
        var random = new Random(Seed);
        IReadOnlyList<RegistryWriter> writers = [];
        for (var kill = 0; kill <= Kills; kill++)
        {
            using var process = _host.Start("serve.ps1", _folder["served"]);
            try
            {
                var registry = new Uri($"http://{await process.StandardOutput.ReadLineAsync()}/v2/team/app/");
                foreach (var writer in writers)
                    await writer.RequireKeptAsync(registry);
                await RequireWholeAsync(registry);
                writers = [.. Enumerable.Range(0, 4).Select(number => new RegistryWriter(_http, $"{kill}-{number}"))];
                var writing = writers.SelectMany(writer => writer.Start(registry)).ToList();
                await AnsweredAsync(writers, random.Next(1, 200));
                await Task.Delay(random.Next(0, 5));
                await KillAsync(process);
                await Task.WhenAll(writing);
            }
            finally
            {
                await KillAsync(process);
            }
        }
    }

    private static async Task AnsweredAsync(IReadOnlyList<RegistryWriter> writers, int wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (writers.Sum(writer => writer.Answered) < wanted)
            await Task.Delay(1, limit.Token);
    }

    private static async Task KillAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    private async Task RequireWholeAsync(Uri registry)
    {
        var blobs = _folder["served", "team", "app", "blobs", "sha256"];
        foreach (var file in Directory.Exists(blobs) ? Directory.GetFiles(blobs) : [])
            Assert.Equal(Path.GetFileName(file), RegistryWriter.Hex(await File.ReadAllBytesAsync(file)));
        using var list = await _http.GetAsync(new Uri(registry, "tags/list"));
        foreach (var tag in JObject.Parse(await list.Content.ReadAsStringAsync())["tags"] ?? new JArray())
            (await _http.GetAsync(new Uri(registry, $"manifests/{tag}"))).EnsureSuccessStatusCode();
    }
}
