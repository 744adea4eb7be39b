using System.Diagnostics;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Benchmarks;

/// <summary>Writers that each add the image of one platform to one fat manifest at the same time: how many entries are there in the end.</summary>
internal static class LostEntries
{
    private const int Writers = 8;
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var repository = new BareRepository(registry.Host, "team/app");
        using var peers = new PeerPrograms();
        var nodes = Enumerable.Range(0, Writers).Select(_ => new PeerPrograms()).ToList();
        var sessions = Enumerable.Range(0, Writers).Select(_ => new PowerShellSession()).ToList();
        var r = repository.Reference;
        await repository.PushImageAsync("base", "linux/amd64");
        for (var writer = 0; writer < Writers; writer++)
            await repository.PushImageAsync($"image-{writer}", $"linux/arm/v{writer + 5}");

        Console.WriteLine($"{Writers} writers add an entry each to one fat manifest at the same time, {Rounds} rounds:");
        await MeasureAsync("this module", async (tag, writer) =>
            (await sessions[writer].RunAsync($"Update-FatManifest '{r}:{tag}' '{r}:image-{writer}'")).WithoutErrors());
        await MeasureAsync("buildx imagetools", async (tag, writer) =>
            (await peers.ImagetoolsAsync("create", "--append", "--tag", $"{r}:{tag}", $"{r}:image-{writer}")).WithoutError());
        await MeasureAsync("crane", async (tag, writer) =>
            (await peers.CraneAsync("index", "append", $"{r}:{tag}", "--manifest", $"{r}:image-{writer}", "--tag", $"{r}:{tag}")).WithoutError());
        await MeasureAsync("oras", async (tag, writer) =>
            (await peers.OrasAsync("manifest", "index", "update", "--plain-http", $"{r}:{tag}", "--add", $"image-{writer}")).WithoutError());
        await MeasureAsync("docker manifest", async (tag, writer) =>
        {
            (await nodes[writer].DockerAsync("manifest", "create", "--insecure", $"{r}:{tag}", $"{r}:base", $"{r}:image-{writer}")).WithoutError();
            (await nodes[writer].DockerAsync("manifest", "push", "--insecure", $"{r}:{tag}")).WithoutError();
        });
        nodes.ForEach(node => node.Dispose());
        sessions.ForEach(session => session.Dispose());

        async Task MeasureAsync(string who, Func<string, int, Task> append)
        {
            var (start, lost) = (Stopwatch.GetTimestamp(), 0);
            for (var round = 0; round < Rounds; round++)
            {
                var tag = $"{who.Replace(' ', '-')}-{round}";
                await repository.PutIndexAsync(tag, await repository.DescriptorAsync("base", "linux/amd64"));
                await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => append(tag, writer)));
                lost += Writers + 1 - (await repository.GetIndexAsync(tag)).Entries.Count;
            }
            Console.WriteLine($"{who,-18} lost {lost,3} of {Writers * Rounds} entries, {Stopwatch.GetElapsedTime(start).TotalSeconds / Rounds,5:0.0} s a round");
        }
    }
}
