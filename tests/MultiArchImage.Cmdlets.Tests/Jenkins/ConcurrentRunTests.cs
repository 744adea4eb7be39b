using System.Diagnostics;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Peers;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>
/// Runs of the trio that share names: what moves from run to run may not mix them. The images are small ones that are built into layouts, so that the
/// jobs spend their time where they could meet: at the registry.
/// </summary>
public sealed class ConcurrentRunTests : IAsyncLifetime
{
    private const int Rounds = 20;
    private const string Name = "k8s-latest";

    /// <summary>What one round may take before it counts as hanging.</summary>
    private static readonly TimeSpan RoundLimit = TimeSpan.FromMinutes(2);

    private readonly List<HostProcess> _nodes = [];
    private readonly List<Process> _processes = [];
    private TrioScene _scene = null!;
    private BareRepository _repository = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasRegistry)
            return;
        _scene = await TrioScene.OpenAsync();
        _repository = _scene.Look("akraino/validation");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _nodes.ForEach(node => node.Dispose());
        if (_scene is not null)
            await _scene.DisposeAsync();
    }

    [RegistryFact]
    public async Task Two_runs_of_the_whole_at_the_same_time_never_mix_their_images_in_each_of_twenty_rounds()
    {
        var runs = new[] { Start(), Start() };
        using var over = new CancellationTokenSource();
        var watching = WatchAsync(over.Token);
        var start = Stopwatch.StartNew();
        for (var round = 1; round <= Rounds; round++)
        {
            await Task.WhenAll(runs.Select((run, index) => run.RunAsync($"r{round}-{index}")));
            var entries = await TrioScene.RevisionsAsync(_repository, await _repository.GetIndexAsync(Name));
            Assert.Equal(["linux/amd64", "linux/arm64"], entries.Keys.Order());
            Assert.Matches($"^commit-r{round}-[01]$", Assert.Single(entries.Values.Distinct()));
        }
        await over.CancelAsync();
        var seen = await watching;
        Assert.NotEmpty(seen);
        Assert.All(seen.Values, entries => Assert.Single(entries.Values.Distinct()));
        TestContext.Current.SendDiagnosticMessage($"{Rounds} rounds in {start.Elapsed.TotalSeconds:0.0} s, {seen.Count} fat manifests seen");
    }

    [RegistryFact]
    public async Task Images_of_two_runs_that_have_only_moving_tags_are_refused()
    {
        await BuildAsync("amd64", "", "first");
        await BuildAsync("arm64", "", "second");
        var refused = await JoinAsync("");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("would join different builds", TrioScene.Unwrapped(refused.Error));
        Assert.False(await _repository.HasAsync(Name));
    }

    [RegistryFact]
    public async Task A_job_that_is_started_with_the_builds_waits_for_their_images_and_says_which_did_not_come()
    {
        var waiting = JoinAsync("b1", ("WAIT_TIMEOUT", "00:02:00"));
        await BuildAsync("amd64", "b1", "first");
        await BuildAsync("arm64", "b1", "first");
        Assert.Contains("created", (await waiting).Output);

        await BuildAsync("amd64", "b2", "second");
        var late = await JoinAsync("b2", ("WAIT_TIMEOUT", "00:00:01"));
        Assert.Equal(1, late.ExitCode);
        Assert.Contains("k8s-arm64-latest-b2 did not appear within 00:00:01", TrioScene.Unwrapped(late.Error));
        Assert.Equal("first", (await TrioScene.RevisionsAsync(_repository, await _repository.GetIndexAsync(Name))).Values.Distinct().Single());
    }

    [RegistryFact]
    public async Task A_required_platform_that_the_job_does_not_join_is_missed()
    {
        await BuildAsync("amd64", "b1", "first");
        var refused = await JoinAsync("b1", ("PLATFORMS", "linux/amd64"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("lacks linux/arm64", TrioScene.Unwrapped(refused.Error));
        Assert.False(await _repository.HasAsync(Name));
    }

    [RegistryFact]
    public async Task An_architecture_that_came_late_is_taken_in_by_an_update_as_well()
    {
        await BuildAsync("amd64", "b1", "first");
        var soft = TrioScene.Good(await JoinAsync("b1", ("REQUIRED_PLATFORMS", "linux/amd64")));
        Assert.Contains("k8s-arm64-latest-b1 is not there and is left out", TrioScene.Unwrapped(soft.Output));
        await BuildAsync("arm64", "b1", "first");
        using var node = _scene.Node(("NAME", $"{_repository.Reference}:k8s"));
        TrioScene.Good(await node.RunAsync("-Command", """
            $ErrorActionPreference = 'Stop'
            Connect-ArchRegistry $env:CONTAINER_PUSH_REGISTRY -MavenSettings $env:SETTINGS_FILE -SessionOnly | Out-Host
            Update-FatManifest "$env:NAME-latest" "$env:NAME-arm64-latest-b1"
            """));
        Assert.Equal(["linux/amd64", "linux/arm64"], (await _repository.GetIndexAsync(Name)).Platforms);
    }

    private static void CheckOut(TemporaryFolder home) => home.Write("docker/k8s/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");

    private async Task BuildAsync(string architecture, string suffix, string revision)
    {
        TrioScene.Good(await _scene.RunAsync(
            "build.ps1", CheckOut, ("PLATFORM", $"linux/{architecture}"), ("BUILD_OUTPUT", "oci:build"), ("BUILD_TAG_SUFFIX", suffix), ("GIT_COMMIT", revision)));
    }

    private Task<HostResult> JoinAsync(string suffix, params (string, string)[] variables) =>
        _scene.RunAsync("manifest.ps1", CheckOut, [("BUILD_TAG_SUFFIX", suffix), .. variables]);

    private Run Start() => new(
        [Start("build.ps1", ("PLATFORM", "linux/amd64"), ("BUILD_OUTPUT", "oci:build")), Start("build.ps1", ("PLATFORM", "linux/arm64"), ("BUILD_OUTPUT", "oci:build"))],
        Start("manifest.ps1"));

    // A node that runs its job once for each line: a process that starts takes longer than all that it does here.
    private Process Start(string script, params (string, string)[] variables)
    {
        var node = _scene.Node(variables);
        _nodes.Add(node);
        CheckOut(node.Home);
        var process = node.Start("-Command", $$"""
            while ($run = [Console]::In.ReadLine()) {
                $env:BUILD_TAG_SUFFIX = $run
                $env:GIT_COMMIT = "commit-$run"
                try { & '{{Path.Combine(TrioScene.Scripts, script)}}' | Out-Null; [Console]::Out.WriteLine('done') }
                catch { [Console]::Out.WriteLine("$_") }
            }
            """);
        _processes.Add(process);
        return process;
    }

    // What the name holds, again and again, with the revisions of its entries by digest.
    private async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> WatchAsync(CancellationToken over)
    {
        var seen = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        for (; !over.IsCancellationRequested; await Task.Delay(25, CancellationToken.None))
        {
            try
            {
                if (await _repository.GetIndexAsync(Name) is var fat && !seen.ContainsKey(fat.Digest))
                    seen.Add(fat.Digest, await TrioScene.RevisionsAsync(_repository, fat));
            }
            catch (HttpRequestException)
            {
                // It is not there yet; or the registry writes the tag's file at this moment, which it then cannot read (500).
            }
        }
        return seen;
    }

    private sealed record Run(IReadOnlyList<Process> Builds, Process Manifest)
    {
        public async Task RunAsync(string suffix)
        {
            await Task.WhenAll(Builds.Select(build => AskAsync(build, suffix)));
            await AskAsync(Manifest, suffix);
        }

        private static async Task AskAsync(Process job, string suffix)
        {
            using var limit = new CancellationTokenSource(RoundLimit);
            await job.StandardInput.WriteLineAsync(suffix);
            for (string? line; (line = await job.StandardOutput.ReadLineAsync(limit.Token)) != "done";)
            {
                // The login is shown before.
                if (line is null || line.Contains(';', StringComparison.Ordinal))
                    Assert.Fail(line ?? await job.StandardError.ReadToEndAsync(limit.Token));
            }
        }
    }
}
