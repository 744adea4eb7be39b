using System.Diagnostics;
using System.Management.Automation;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Bridge;

/// <summary>What lies between work on the thread pool and the pipeline thread, in a pipeline of the real engine.</summary>
public sealed class PipelineQueueTests : IDisposable
{
    private readonly PowerShellSession _session = new(importModule: false);

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Nothing_of_many_threads_is_lost_and_each_ones_records_keep_their_order()
    {
        const int threads = 16, each = 200;
        var result = await RunAsync("Invoke-Queued $work -Verbose", (queue, _) => Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (var number = 0; number < each; number++)
                queue.Add(new PipelineRecord.Verbose($"{thread} {number}"));
        }))));
        var lines = result.Verbose.Select(line => line.Split(' ').Select(int.Parse).ToArray()).ToLookup(line => line[0], line => line[1]);
        Assert.Equal(threads, lines.Count);
        Assert.All(lines, thread => Assert.Equal(Enumerable.Range(0, each), thread));
    }

    [Fact]
    public async Task Each_record_goes_to_its_stream()
    {
        var result = await RunAsync("Invoke-Queued $work -Verbose -InformationAction Continue", async (queue, cancel) =>
        {
            queue.Add(new PipelineRecord.Verbose("verbose"));
            queue.Add(new PipelineRecord.Warning("warning"));
            queue.Add(new PipelineRecord.Information("information"));
            queue.Add(new PipelineRecord.Progress(new ProgressRecord(1, "activity", "status")));
            queue.Add(new PipelineRecord.Failure(new ErrorRecord(new InvalidOperationException("error"), "Id", ErrorCategory.InvalidResult, "target")));
            await queue.WriteAsync("object", cancel);
        });
        Assert.Equal("verbose", result.Verbose.Single());
        Assert.Equal("warning", result.Warnings.Single());
        Assert.Equal("information", $"{result.Information.Single()}");
        Assert.Equal("activity", result.Progress.Single().Activity);
        Assert.Equal("error", result.Errors.Single().Exception.Message);
        Assert.Equal("object", result.Output.Single().BaseObject);
    }

    [Fact]
    public async Task Work_waits_until_the_next_command_took_its_object()
    {
        var made = 0;
        var result = await RunAsync("Invoke-Queued $work | ForEach-Object { $made.Invoke() }", async (queue, cancel) =>
        {
            for (var number = 1; number <= 50; number++)
            {
                Volatile.Write(ref made, number);
                await queue.WriteAsync(number, cancel);
            }
        }, new Func<int>(() => Volatile.Read(ref made)));
        // Seen by who takes each object: what is made by then is that object and no later one.
        Assert.Equal(Enumerable.Range(1, 50), result.Output.Select(seen => (int)seen.BaseObject));
    }

    [Fact]
    public async Task A_question_gets_the_answer_of_the_user()
    {
        _session.Answers.Enqueue("Yes");
        _session.Answers.Enqueue("No");
        var result = await RunAsync("Invoke-Queued $work -Confirm", async (queue, cancel) =>
        {
            foreach (var what in new[] { "Push", "Remove" })
                await queue.WriteAsync(await queue.AskAsync(what, $"{what}?", cancel), cancel);
        });
        Assert.Equal([true, false], result.WithoutErrors().Output.Select(answer => (bool)answer.BaseObject));
        Assert.Equal(2, _session.Questions.Count);
    }

    [Fact]
    public async Task What_is_told_after_the_end_is_dropped_and_harms_nobody()
    {
        PipelineQueue? kept = null;
        var result = await RunAsync("Invoke-Queued $work -Verbose", (queue, _) =>
        {
            kept = queue;
            return Task.CompletedTask;
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => kept!.Add(new PipelineRecord.Verbose("late")))));
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => kept!.WriteAsync("late", limit.Token));
        Assert.Empty(result.WithoutErrors().Verbose);
        Assert.Empty((await _session.RunAsync("'it goes on'", null)).Verbose);
    }

    [Fact]
    [Needs(Part.Speed)]
    public async Task A_stop_does_not_wait_for_work_that_does_not_hear()
    {
        using var release = new ManualResetEventSlim();
        var started = new TaskCompletionSource();
        var running = RunAsync("Invoke-Queued $work", (_, _) =>
        {
            started.SetResult();
            release.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return Task.CompletedTask;
        });
        await started.Task;
        var watch = Stopwatch.StartNew();
        await _session.StopAsync();
        Assert.True((await running).WasStopped);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        release.Set();
    }

    [Fact]
    public async Task A_next_command_that_has_enough_ends_the_work()
    {
        var cancelled = new TaskCompletionSource();
        var result = await RunAsync("Invoke-Queued $work | ForEach-Object { $_; break }", async (queue, cancel) =>
        {
            cancel.Register(cancelled.SetResult);
            for (var number = 0; ; number++)
                await queue.WriteAsync(number, cancel);
        });
        Assert.Equal(0, result.Output.Single().BaseObject);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(5));
    }

    private async Task<SessionResult> RunAsync(string script, Func<PipelineQueue, CancellationToken, Task> work, Func<int>? made = null) => await _session.RunAsync(
        $"Import-Module -Assembly $assembly; {script}",
        new Dictionary<string, object?> { ["work"] = work, ["made"] = made, ["assembly"] = typeof(InvokeQueuedCommand).Assembly });
}
