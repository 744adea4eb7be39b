using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Tests.Stores;

public sealed class LookAheadTests
{
    private const int Many = 100;
    private int _running;
    private int _most;

    [Fact]
    public async Task Results_come_in_the_order_of_their_items_and_only_some_are_read_at_a_time()
    {
        var results = new List<int>();
        await foreach (var result in Numbers().ReadAheadAsync(ReadAsync, CancellationToken.None))
            results.Add(result);
        Assert.Equal(Enumerable.Range(0, Many), results);
        Assert.InRange(_most, 2, 16);
    }

    [Fact]
    public async Task Who_takes_no_more_stops_the_reading()
    {
        await foreach (var _ in Numbers().ReadAheadAsync(ReadAsync, CancellationToken.None))
            break;
        Assert.Equal(0, _running);
    }

    [Fact]
    public async Task A_failure_comes_where_its_item_is_and_ends_the_others()
    {
        var results = new List<int>();
        await Assert.ThrowsAsync<FormatException>(async () =>
        {
            await foreach (var result in Numbers().ReadAheadAsync(FailAtFiveAsync, CancellationToken.None))
                results.Add(result);
        });
        Assert.Equal(Enumerable.Range(0, 5), results);
        Assert.Equal(0, _running);
    }

    private async Task<int> FailAtFiveAsync(int number, CancellationToken stop) =>
        await ReadAsync(number, stop) == 5 ? throw new FormatException() : number;

    private static async IAsyncEnumerable<int> Numbers([EnumeratorCancellation] CancellationToken cancel = default)
    {
        for (var number = 0; number < Many; number++)
        {
            await Task.Yield();
            cancel.ThrowIfCancellationRequested();
            yield return number;
        }
    }

    // The later ones are faster: order is not an accident.
    private async Task<int> ReadAsync(int number, CancellationToken stop)
    {
        _most = Math.Max(_most, Interlocked.Increment(ref _running));
        try
        {
            await Task.Delay((Many - number) / 10, stop);
            return number;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
