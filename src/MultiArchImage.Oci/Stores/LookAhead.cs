using System.Runtime.CompilerServices;

namespace MultiArchImage.Oci.Stores;

/// <summary>Reads what is far away before it is asked for, some at a time.</summary>
internal static class LookAhead
{
    // As many as are read while the caller takes what was found before them.
    private const int Items = 16;

    /// <summary>What is read for each item, in the order of the items. Who takes no more stops the reading.</summary>
    /// <param name="items">The items.</param>
    /// <param name="readAsync">Reads what belongs to one.</param>
    /// <param name="cancel">Ends the reading.</param>
    public static async IAsyncEnumerable<TResult> ReadAheadAsync<TItem, TResult>(
        this IAsyncEnumerable<TItem> items, Func<TItem, CancellationToken, Task<TResult>> readAsync, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pending = new Queue<Task<TResult>>();
        try
        {
            await foreach (var item in items.WithCancellation(cancel).ConfigureAwait(false))
            {
                pending.Enqueue(readAsync(item, stop.Token));
                if (pending.Count == Items)
                    yield return await pending.Dequeue().ConfigureAwait(false);
            }
            while (pending.TryDequeue(out var read))
                yield return await read.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(pending).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)
                .ConfigureAwait(false);
        }
    }
}
