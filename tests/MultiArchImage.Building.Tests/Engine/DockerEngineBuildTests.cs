using System.Diagnostics;
using MultiArchImage.Testbed;

namespace MultiArchImage.Building.Tests.Engine;

public sealed class DockerEngineBuildTests
{
    private const string Base = """
        FROM scratch
        ARG TARGETARCH
        COPY busybox-$TARGETARCH /bin/busybox
        SHELL ["/bin/busybox", "sh", "-c"]

        """;

    [EngineFact]
    public async Task Each_platform_of_one_Dockerfile_runs_its_own_binaries()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Base + "RUN /bin/busybox uname -m");
        foreach (var (platform, machine) in new[] { ("linux/amd64", "x86_64"), ("linux/arm64", "aarch64") })
        {
            var image = await bench.BuildAsync(bench.Request(platform[6..], platform) with { NoCache = true });

            Assert.Equal(platform, image.Platform);
            Assert.Equal(platform[6..], image.Architecture);
            Assert.Contains(bench.Activity.Lines, line => line.EndsWith(machine, StringComparison.Ordinal));
        }
    }

    [EngineFact]
    public async Task An_image_is_described_as_the_engine_has_it()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Base);
        var before = DateTime.UtcNow.AddMinutes(-1);
        var image = await bench.BuildAsync(bench.Request() with { NoCache = true, Labels = new Dictionary<string, string> { ["made-by"] = "a test" } });

        Assert.Equal($"{bench.Repository}:1", image.Reference);
        Assert.Equal(("docker.io", $"library/{bench.Repository}", "1"), (image.Registry, image.Repository, image.Tag));
        Assert.Equal("Engine", image.Location);
        Assert.StartsWith("sha256:", image.ImageId);
        Assert.InRange(image.Size, 1_000_000, 5_000_000);
        Assert.InRange(image.Created!.Value, before, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(DateTimeKind.Utc, image.Created.Value.Kind);
        Assert.Equal("a test", image.Labels["made-by"]);
        Assert.Null(image.Digest);
        Assert.Null(image.MediaType);
    }

    [EngineFact]
    public async Task Steps_are_told_while_they_run_and_when_they_end()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Base + "RUN echo one; echo two");
        await bench.BuildAsync(bench.Request() with { NoCache = true });

        var activity = $"Building {bench.Repository}:1";
        Assert.Contains($"{activity}: one", bench.Activity.Lines);
        Assert.Contains($"{activity}: two", bench.Activity.Lines);
        Assert.Contains(bench.Activity.Lines, line => line.Contains("RUN echo one; echo two", StringComparison.Ordinal) && line.EndsWith(" s", StringComparison.Ordinal));
        Assert.Contains(bench.Activity.Steps, step => step.Activity == activity && step.Status.Contains("RUN echo", StringComparison.Ordinal));
        Assert.All(bench.Activity.Steps, step => Assert.InRange(step.Fraction!.Value, 0, 1));
        Assert.Single(bench.Activity.Steps, step => step.IsCompleted);

        await bench.BuildAsync();
        Assert.Contains(bench.Activity.Lines, line => line.EndsWith("CACHED", StringComparison.Ordinal));
    }

    [EngineFact]
    public async Task A_step_that_fails_is_named_with_its_last_lines()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Base + "RUN for i in $(/bin/busybox seq 30); do echo line $i; done; printf unfinished; exit 3");
        var failure = await Assert.ThrowsAsync<BuildFailedException>(() => bench.BuildAsync());

        Assert.Contains("RUN for i in", failure.Step);
        Assert.Contains("exit code: 3", failure.Message);
        Assert.Equal("unfinished", failure.Log[^1]);
        Assert.Equal("line 30", failure.Log[^2]);
        Assert.InRange(failure.Log.Count, 20, 21);
        Assert.Equal("BuildFailed", failure.ErrorId);
        Assert.Empty(await bench.ListAsync());
    }

    [EngineFact]
    public async Task A_malformed_Dockerfile_is_named_with_its_line()
    {
        await using var bench = await EngineWorkbench.OpenAsync("FROM scratch\nLABEL a=b\nCOPPY x /\n");
        var failure = await Assert.ThrowsAsync<BuildFailedException>(() => bench.BuildAsync());
        Assert.Contains("line 3", failure.Message);
        Assert.Contains("COPPY", failure.Message);
    }

    [EngineFact]
    public async Task A_base_image_that_is_not_there_is_named()
    {
        await using var bench = await EngineWorkbench.OpenAsync("FROM 127.0.0.1:1/nowhere:1\n");
        var failure = await Assert.ThrowsAsync<BuildFailedException>(() => bench.BuildAsync());
        Assert.Contains("127.0.0.1:1/nowhere:1", failure.Step);
    }

    [EngineFact]
    public async Task Build_arguments_labels_and_the_target_reach_the_build()
    {
        await using var bench = await EngineWorkbench.OpenAsync("""
            FROM scratch AS first
            ARG VERSION=none
            LABEL stage=first version=$VERSION
            FROM scratch
            LABEL stage=second
            """);
        var image = await bench.BuildAsync(bench.Request() with
        {
            Target = "first",
            BuildArguments = new Dictionary<string, string> { ["VERSION"] = "1 & 2=\"ü\"" },
            Labels = new Dictionary<string, string> { ["more"] = "yes" },
        });
        Assert.Equal("first", image.Labels["stage"]);
        Assert.Equal("1 & 2=\"ü\"", image.Labels["version"]);
        Assert.Equal("yes", image.Labels["more"]);
    }

    [EngineFact]
    public async Task The_Dockerfile_may_be_below_or_outside_of_the_context()
    {
        await using var bench = await EngineWorkbench.OpenAsync("FROM scratch\nLABEL of=root");
        bench.Write("docker/Dockerfile.below", "FROM scratch\nLABEL of=below");
        var outside = bench.Write("../elsewhere/Dockerfile", "FROM scratch\nLABEL of=outside\nCOPY busybox-amd64 /");

        Assert.Equal("root", (await bench.BuildAsync()).Labels["of"]);
        Assert.Equal("below", (await bench.BuildAsync(bench.Request() with { Dockerfile = "docker/Dockerfile.below" })).Labels["of"]);
        Assert.Equal("outside", (await bench.BuildAsync(bench.Request() with { Dockerfile = outside })).Labels["of"]);
        var missing = await Assert.ThrowsAsync<BuildContextException>(() => bench.BuildAsync(bench.Request() with { Dockerfile = "no/Dockerfile" }));
        Assert.Contains("no/Dockerfile", missing.Message);
    }

    [EngineFact]
    public async Task What_is_ignored_is_not_sent()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Base + "COPY . /all\nRUN cd /all && /bin/busybox find . -type f | /bin/busybox sort");
        bench.Write(".dockerignore", "**/*.log\nsecret\nDockerfile\n!keep.log\n");
        bench.Write("a/noise.log", "x");
        bench.Write("secret/key", "x");
        bench.Write("keep.log", "x");
        await bench.BuildAsync(bench.Request() with { NoCache = true });

        var files = bench.Activity.Lines.Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]).Where(line => line.StartsWith("./", StringComparison.Ordinal));
        Assert.Equal(["./.dockerfile.multiarchimage", "./.dockerignore", "./busybox-amd64", "./busybox-arm64", "./keep.log"], files);
    }

    [EngineFact]
    public async Task Modes_and_links_of_the_context_arrive()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Base + "COPY tree /tree\nRUN /bin/busybox stat -c '%n %a %u %g %F %N' /tree/run /tree/link");
        File.SetUnixFileMode(bench.Write("tree/run", "x"), (UnixFileMode)0b111_100_000);
        File.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(bench.Write("tree/other", "x"))!, "link"), "run");
        await bench.BuildAsync(bench.Request() with { NoCache = true });

        Assert.Contains(bench.Activity.Lines, line => line.Contains("/tree/run 740 0 0 regular file", StringComparison.Ordinal));
        Assert.Contains(bench.Activity.Lines, line => line.Contains("symbolic link", StringComparison.Ordinal) && line.Contains("run", StringComparison.Ordinal));
    }

    [EngineFact]
    public async Task A_large_context_is_sent_in_pieces()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Base + "COPY large /\nRUN /bin/busybox sha256sum /large");
        var content = new byte[8_000_000];
        new Random(7).NextBytes(content);
        await File.WriteAllBytesAsync(bench.Write("large", ""), content, TestContext.Current.CancellationToken);
        await bench.BuildAsync(bench.Request() with { NoCache = true });
        Assert.Contains(bench.Activity.Lines, line => line.Contains(Oci.Model.Digest.Of(content).Hex, StringComparison.Ordinal));
    }

    [EngineFact]
    public async Task Cancelling_stops_the_wait_at_once_and_the_build_in_the_engine()
    {
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        await using var bench = await EngineWorkbench.OpenAsync(Base + $"RUN /bin/busybox sleep {mark}");
        using var stop = new CancellationTokenSource();
        var build = bench.BuildAsync(bench.Request() with { NoCache = true }, stop.Token);
        await UntilAsync(async () => await IsRunningAsync(mark), "the step never ran");

        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await UntilAsync(async () => !await IsRunningAsync(mark), "the step still runs");
    }

    private static async Task<bool> IsRunningAsync(string mark) => (await Tool.TryRunAsync("pgrep", "-f", $"sleep {mark}")).ExitCode == 0;

    private static async Task UntilAsync(Func<Task<bool>> condition, string complaint)
    {
        for (var watch = Stopwatch.StartNew(); !await condition(); await Task.Delay(100))
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), complaint);
    }
}
