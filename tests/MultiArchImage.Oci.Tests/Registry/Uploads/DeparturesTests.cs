using Microsoft.Extensions.Time.Testing;
using MultiArchImage.Oci.Registry.Uploads;

namespace MultiArchImage.Oci.Tests.Registry.Uploads;

/// <summary>When blobs set out for a registry of this machine, on a clock that stands still.</summary>
public sealed class DeparturesTests
{
    private const string Here = "127.0.0.1:5000";

    private readonly FakeTimeProvider _time = new();
    private readonly Departures _departures;

    public DeparturesTests() => _departures = new Departures(_time);

    [Fact]
    public void The_first_sets_out_at_once()
    {
        Assert.True(WaitAsync(Here, seconds: 1000).IsCompleted);
    }

    [Fact]
    public async Task The_next_sets_out_when_the_one_before_could_have_arrived()
    {
        _ = WaitAsync(Here, seconds: 2);
        var second = WaitAsync(Here, seconds: 3);
        var third = WaitAsync(Here, seconds: 1);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await second;
        Assert.False(third.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(3));
        await third;
    }

    [Fact]
    public void Who_comes_later_does_not_wait()
    {
        _ = WaitAsync(Here, seconds: 2);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(WaitAsync(Here, seconds: 2).IsCompleted);
    }

    [Theory]
    [InlineData("127.0.0.1:5001")]
    [InlineData("registry.example.org")]
    public void One_registry_does_not_wait_for_another(string other)
    {
        _ = WaitAsync(Here, seconds: 1000);
        Assert.True(WaitAsync(other, seconds: 1).IsCompleted);
    }

    [Fact]
    public void What_goes_over_a_network_does_not_wait()
    {
        _ = WaitAsync("registry.example.org", seconds: 1000);
        Assert.True(WaitAsync("registry.example.org", seconds: 1).IsCompleted);
    }

    [Fact]
    public async Task A_wait_can_be_ended()
    {
        _ = WaitAsync(Here, seconds: 1000);
        using var abort = new CancellationTokenSource();
        var second = _departures.WaitAsync(Here, 1, abort.Token);
        await abort.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    private Task WaitAsync(string registry, int seconds) =>
        _departures.WaitAsync(registry, seconds * Departures.BytesPerSecond, TestContext.Current.CancellationToken);
}
