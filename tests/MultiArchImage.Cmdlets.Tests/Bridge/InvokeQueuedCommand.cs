using System.Management.Automation;
using MultiArchImage.Cmdlets.Pipeline;

namespace MultiArchImage.Cmdlets.Tests.Bridge;

/// <summary>A cmdlet of the tests' own, which does what it is given on the thread pool and writes by the queue of the module's cmdlets.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Queued", SupportsShouldProcess = true)]
public sealed class InvokeQueuedCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PipelineQueue _queue = new();

    /// <summary>What is done; a <c>Func</c> of the queue and of what tells of a stop.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public Delegate Work { get; set; } = null!;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var work = (Func<PipelineQueue, CancellationToken, Task>)Work;
        var task = Task.Run(() => work(_queue, _stop.Token));
        _queue.DrainUntil(task, this, _stop.Token);
        if (_stop.IsCancellationRequested)
            throw new PipelineStoppedException();
        task.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _queue.Dispose();
    }
}
