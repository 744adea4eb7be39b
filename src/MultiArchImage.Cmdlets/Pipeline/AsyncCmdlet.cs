using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Runtime.ExceptionServices;
using MultiArchImage.Cmdlets.Errors;
using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>
/// The base of every cmdlet: work runs on the thread pool, the pipeline thread writes what it brings. Ctrl+C cancels the work and does not
/// wait for it longer than <see cref="StopPatience"/>.
/// </summary>
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    private const int AtOnce = 250;

    private static readonly TimeSpan StopPatience = TimeSpan.FromMilliseconds(800);

    private readonly CancellationTokenSource _stop = new();
    private readonly PipelineQueue _queue = new();
    private readonly List<Task> _running = [];

    /// <summary>What the work tells goes here.</summary>
    private protected IActivitySink Sink { get; }

    /// <summary>Whether the user wants to see what would be done before it is (<c>-WhatIf</c>, <c>-Confirm</c>); known while records come and in <see cref="EndAsync"/>.</summary>
    private protected bool AsksForPlan { get; private set; }

    /// <summary>How many pieces of work may run at once.</summary>
    private protected virtual int Concurrency => 1;

    /// <summary>Makes the queue that the pipeline thread reads.</summary>
    protected AsyncCmdlet() => Sink = new PipelineSink(_queue);

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Guarded(Begin);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guarded(() =>
    {
        AsksForPlan = PlanQuestion.IsAsked(this);
        Accept();
    });

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guarded(() =>
    {
        Await(0);
        AsksForPlan = PlanQuestion.IsAsked(this);
        RunToEnd(EndAsync);
    });

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <summary>Takes what the command line binds, on the pipeline thread, before any record comes, and also where none will.</summary>
    private protected virtual void Begin()
    {
    }

    /// <summary>Takes the record that is bound now, on the pipeline thread: gives each of its things to <see cref="Start"/>.</summary>
    private protected abstract void Accept();

    /// <summary>Work when all records have come and all that was started has ended. A failure here is terminating.</summary>
    private protected virtual Task EndAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>
    /// Starts work on one of several things, as soon as fewer than <see cref="Concurrency"/> run. Its failure is that thing's: an error that
    /// does not stop the others.
    /// </summary>
    /// <param name="target">The thing; what an error is about.</param>
    /// <param name="prepare">What must be done on the pipeline thread (paths are relative to the session's location).</param>
    /// <param name="work">The work; it writes its results with <see cref="WriteAsync"/>.</param>
    private protected void Start<T>(object? target, Func<T> prepare, Func<T, CancellationToken, Task> work)
    {
        Await(Concurrency - 1);
        try
        {
            var prepared = prepare();
            _running.Add(Task.Run(() => AttemptAsync(target, cancel => work(prepared, cancel)), CancellationToken.None));
        }
        catch (ImageException failure)
        {
            WriteError(ErrorRecords.From(failure, target));
        }
        // What goes one by one is written at once, not when the next record comes.
        if (Concurrency == 1)
            Await(0);
    }

    /// <summary>Hands a result to the next command.</summary>
    private protected Task WriteAsync(object value) => _queue.WriteAsync([value], _stop.Token);

    /// <summary>
    /// Hands small results to the next command that come many at a time: to hand each over to the pipeline thread would cost more than to make it.
    /// What is shown as null is left out.
    /// </summary>
    private protected async Task WriteAllAsync<T>(IAsyncEnumerable<T> results, Func<T, object?> show)
    {
        var ready = new List<object>(AtOnce);
        await foreach (var result in results.WithCancellation(_stop.Token).ConfigureAwait(false))
        {
            if (show(result) is { } shown)
                ready.Add(shown);
            if (ready.Count < AtOnce)
                continue;
            await _queue.WriteAsync(ready, _stop.Token).ConfigureAwait(false);
            ready = new List<object>(AtOnce);
        }
        await _queue.WriteAsync(ready, _stop.Token).ConfigureAwait(false);
    }

    /// <summary>Writes an error that does not stop the command.</summary>
    private protected void WriteFailure(Exception failure, object? target) => _queue.Add(new PipelineRecord.Failure(ErrorRecords.From(failure, target)));

    /// <summary>Does a long step, and tells that it is done.</summary>
    private protected Task TimedAsync(Func<Task> step, string result) => TimedAsync(
        async () =>
        {
            await step().ConfigureAwait(false);
            return result;
        },
        done => done);

    /// <summary>Does a long step, and tells what it came to in a line with its time, for <c>-InformationAction</c> and <c>6&gt;</c>.</summary>
    private protected async Task<T> TimedAsync<T>(Func<Task<T>> step, Func<T, string> result)
    {
        var start = Stopwatch.GetTimestamp();
        var done = await step().ConfigureAwait(false);
        _queue.Add(new PipelineRecord.Information(
            string.Create(CultureInfo.InvariantCulture, $"{result(done)}, in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s")));
        return done;
    }

    /// <summary>Asks <c>-WhatIf</c> and <c>-Confirm</c> whether to go on.</summary>
    /// <param name="sentence">What will be done, without the full stop; with a question mark it is the question of <c>-Confirm</c>.</param>
    private protected Task<bool> ShouldProcessAsync(string sentence) => _queue.AskAsync(sentence, $"{sentence}?", _stop.Token);

    /// <summary>Works on several things, so many at a time; the failure of one is an error that does not stop the others.</summary>
    private protected Task EachAsync<T>(IEnumerable<T> items, int atOnce, Func<T, CancellationToken, Task> work) => Parallel.ForEachAsync(
        items,
        new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = _stop.Token },
        async (item, _) => await AttemptAsync(item, cancel => work(item, cancel)).ConfigureAwait(false));

    /// <summary>
    /// Works on each of several results, all of them whatever becomes of one; then fails with the last failure, terminating, as a final
    /// result that could not be had must. The failures before it are errors that do not stop.
    /// </summary>
    private protected async Task EachResultAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> work)
    {
        Exception? last = null;
        foreach (var item in items)
        {
            try
            {
                await work(item, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                if (last is not null)
                    WriteFailure(last, null);
                last = failure;
            }
        }
        if (last is not null)
            ExceptionDispatchInfo.Throw(last);
    }

    /// <summary>Releases what the command held.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        // Work that did not end within the patience of a stop must not run into a disposed source: it is cancelled, and keeps it.
        _stop.Cancel();
        _queue.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    private async Task AttemptAsync(object? target, Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (!_stop.IsCancellationRequested && failure is not OperationCanceledException)
        {
            WriteFailure(failure, target);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The user stopped it; there is nothing to say.
        }
    }

    private void RunToEnd(Func<CancellationToken, Task> work)
    {
        var task = Task.Run(() => work(_stop.Token), CancellationToken.None);
        WaitFor(task);
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception failure) when (failure is not PipelineStoppedException)
        {
            ThrowTerminatingError(ErrorRecords.From(failure, null));
        }
    }

    // Waits until no more than a number of pieces of work run.
    private void Await(int atMost)
    {
        _running.RemoveAll(task => task.IsCompleted);
        while (_running.Count > atMost)
        {
            WaitFor(Task.WhenAny(_running));
            _running.RemoveAll(task => task.IsCompleted);
        }
        _queue.Drain(this);
    }

    private void WaitFor(Task work)
    {
        _queue.DrainUntil(work, this, _stop.Token);
        if (!_stop.IsCancellationRequested)
            return;
        _ = Task.WhenAll(_running.Append(work)).ContinueWith(static task => task.Exception, TaskScheduler.Default).Wait(StopPatience);
        throw new PipelineStoppedException();
    }

    // A next command that has enough, or an error that the user made terminating, ends this one: its work must not go on behind it.
    private void Guarded(Action step)
    {
        try
        {
            step();
        }
        catch (ImageException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure, null));
        }
        catch
        {
            _stop.Cancel();
            throw;
        }
    }
}
