using System.Collections.Concurrent;
using System.Management.Automation;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>
/// The one way from work on the thread pool to the pipeline thread. Work adds records at any time from any thread; the pipeline thread
/// writes them. What comes after the end is dropped, so a late report harms nobody.
/// </summary>
internal sealed class PipelineQueue : IDisposable
{
    private readonly BlockingCollection<PipelineRecord> _records = [];
    private volatile bool _closed;

    public void Add(PipelineRecord record)
    {
        try
        {
            if (!_closed)
                _records.Add(record);
        }
        catch (ObjectDisposedException)
        {
            // The command ended between the check and the call.
        }
    }

    /// <summary>Hands objects to the next command, one after the other, and waits until it took them.</summary>
    public Task WriteAsync(IReadOnlyList<object> values, CancellationToken cancel)
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new PipelineRecord.Output(values, taken));
        return taken.Task.WaitAsync(cancel);
    }

    /// <summary>Asks <c>-WhatIf</c> and <c>-Confirm</c> whether to go on.</summary>
    public Task<bool> AskAsync(string description, string warning, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new PipelineRecord.Question(description, warning, answer));
        return answer.Task.WaitAsync(cancel);
    }

    /// <summary>Writes what has come so far.</summary>
    public void Drain(Cmdlet cmdlet)
    {
        while (_records.TryTake(out var record))
            record.WriteTo(cmdlet);
    }

    /// <summary>Writes what comes until <paramref name="work"/> is done.</summary>
    public void DrainUntil(Task work, Cmdlet cmdlet, CancellationToken stopped)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        _ = work.ContinueWith(_ => Cancel(ended), TaskScheduler.Default);
        try
        {
            while (!work.IsCompleted)
                _records.Take(ended.Token).WriteTo(cmdlet);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The work is done, or the user stopped it.
        }
        if (!stopped.IsCancellationRequested)
            Drain(cmdlet);
    }

    public void Dispose()
    {
        _closed = true;
        _records.Dispose();
    }

    private static void Cancel(CancellationTokenSource ended)
    {
        try
        {
            ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The pipeline thread saw the end by itself.
        }
    }
}
