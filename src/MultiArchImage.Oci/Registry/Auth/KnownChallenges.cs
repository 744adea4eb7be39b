using System.Collections.Concurrent;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>What each registry of this process asks for, as its first real 401 told: no request is made only to learn it.</summary>
internal sealed class KnownChallenges
{
    private readonly ConcurrentDictionary<string, Challenge> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, FirstRequest> _first = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What the registry at an authority asks for; null where that is not known.</summary>
    public Challenge? Of(string authority) => _known.GetValueOrDefault(authority);

    /// <summary>Keeps what a 401 told. Its scope is that of one request.</summary>
    public void Learn(string authority, Challenge challenge) => _known[authority] = challenge with { Scope = null };

    /// <summary>Forgets what a registry asked for.</summary>
    public void Forget(string authority) => _known.TryRemove(authority, out _);

    /// <summary>
    /// Lets the first request to a registry go ahead; those that begin meanwhile wait until it is answered, so that one 401 tells all of them.
    /// </summary>
    /// <returns>What the first request disposes when it is answered; null for every other one.</returns>
    public async Task<IDisposable?> TakeTurnAsync(string authority, CancellationToken cancel)
    {
        var mine = new FirstRequest();
        var first = _first.GetOrAdd(authority, mine);
        if (first == mine)
            return mine;
        await first.Answered.WaitAsync(cancel).ConfigureAwait(false);
        return null;
    }

    private sealed class FirstRequest : IDisposable
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Answered => _answered.Task;

        public void Dispose() => _answered.TrySetResult();
    }
}
