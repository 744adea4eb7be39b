using System.Management.Automation;

namespace MultiArchImage.Host;

/// <summary>Ctrl+C: the first stops the script, so that its commands can clean up; the second ends the process at once.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly PowerShell _shell;
    private int _count;

    public Interrupts(PowerShell shell)
    {
        _shell = shell;
        Console.CancelKeyPress += OnCancelKey;
    }

    public bool WasInterrupted => Volatile.Read(ref _count) > 0;

    public void Dispose() => Console.CancelKeyPress -= OnCancelKey;

    private void OnCancelKey(object? sender, ConsoleCancelEventArgs e)
    {
        e.Cancel = Interlocked.Increment(ref _count) == 1;
        if (e.Cancel)
            _shell.BeginStop(null, null);
    }
}
