using System.Collections.Concurrent;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Registry.Uploads;

/// <summary>Lets one after the other bring a blob to a registry, so that who comes second finds it there or can have it mounted.</summary>
internal sealed class Turns
{
    private readonly ConcurrentDictionary<(string Registry, Digest Digest), SemaphoreSlim> _turns = new();

    /// <summary>Waits for the turn; disposing what it returns ends it.</summary>
    public async Task<IDisposable> TakeAsync(string registry, Digest digest, CancellationToken cancel)
    {
        var turn = _turns.GetOrAdd((registry, digest), static _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        return new Turn(turn);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
