using System.Diagnostics;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>Jobs of many nodes, each a process of its own with a home of its own, that add to one fat manifest at the same time.</summary>
[Needs(Part.Speed)]
public sealed class ManyProcessesTests : IAsyncLifetime
{
    private const int Jobs = 24;
    private const int Rounds = 20;

    /// <summary>What one round may take before it counts as hanging: the first finds 24 processes that have compiled nothing yet.</summary>
    private static readonly TimeSpan RoundLimit = TimeSpan.FromMinutes(4);

    private readonly List<HostProcess> _hosts = [.. Enumerable.Range(0, Jobs).Select(_ => new HostProcess())];
    private readonly List<Process> _jobs = [];
    private RegistryProcess? _registry;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _registry = Requirements.HasRegistry ? await RegistryProcess.StartAsync() : null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var job in _jobs)
        {
            job.Kill();
            await job.WaitForExitAsync();
            job.Dispose();
        }
        _hosts.ForEach(host => host.Dispose());
        if (_registry is not null)
            await _registry.DisposeAsync();
    }

    [RegistryFact]
    public async Task Twenty_four_processes_that_add_a_platform_each_are_all_there_in_each_of_twenty_rounds()
    {
        using var repository = new BareRepository(_registry!.Host, "team/app");
        foreach (var (host, job) in _hosts.Select((host, job) => (host, job)))
        {
            var digest = await repository.PushImageAsync(null, Platform(job));
            var entry = await repository.DescriptorAsync(digest, Platform(job));
            _jobs.Add(host.Start("-Command", $$"""
                $image = @{ Reference = '{{repository.Reference}}@{{digest}}'; Digest = '{{digest}}'; MediaType = '{{entry["mediaType"]}}'; ManifestSize = {{entry["size"]}}; Platform = '{{Platform(job)}}' }
                'ready'
                while ($round = [Console]::In.ReadLine()) { (Update-FatManifest "{{repository.Reference}}:$round" $image -ErrorAction Stop).Status }
                """));
        }
        await HearAsync();

        var begin = Stopwatch.StartNew();
        for (var round = 1; round <= Rounds; round++)
        {
            var start = Stopwatch.StartNew();
            foreach (var job in _jobs)
                await job.StandardInput.WriteLineAsync($"round-{round}");
            await HearAsync();
            Assert.Equal(
                Enumerable.Range(0, Jobs).Select(Platform).Order(StringComparer.Ordinal),
                (await repository.GetIndexAsync($"round-{round}")).Platforms.Order(StringComparer.Ordinal));
            TestContext.Current.SendDiagnosticMessage($"round {round}: all {Jobs} there after {start.Elapsed.TotalSeconds:0.0} s");
        }
        TestContext.Current.SendDiagnosticMessage($"{Rounds} rounds of {Jobs} processes in {begin.Elapsed.TotalSeconds:0} s");
    }

    private static string Platform(int job) => $"linux/amd64/v{job + 2}";

    // A line of each: that it is ready, or what became of its round; a job that ended says why.
    private async Task HearAsync()
    {
        using var limit = new CancellationTokenSource(RoundLimit);
        foreach (var job in _jobs)
        {
            if (await job.StandardOutput.ReadLineAsync(limit.Token) is null)
                Assert.Fail(await job.StandardError.ReadToEndAsync(limit.Token));
        }
    }
}
