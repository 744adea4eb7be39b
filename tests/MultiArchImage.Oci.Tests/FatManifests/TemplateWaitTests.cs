using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Tests.Registry;
using Microsoft.Extensions.Time.Testing;

namespace MultiArchImage.Oci.Tests.FatManifests;

public sealed class TemplateWaitTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    private readonly LayoutFixture _layout = new();
    private readonly RecordingSink _sink = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _layout.Dispose();

    [Fact]
    public async Task What_is_there_is_not_waited_for()
    {
        await _layout.AddAsync("k8s-arm64-1", "linux/arm64");
        await WaitAsync("linux/arm64");
    }

    [Fact]
    public async Task It_waits_until_the_last_one_is_there_and_says_what_is_missing()
    {
        await _layout.AddAsync("k8s-arm64-1", "linux/arm64");
        var wait = WaitAsync("linux/arm64", "linux/s390x");
        await AdvanceAsync(() => _sink.Lines.Any(line => line.Contains("k8s-s390x-1 not there yet", StringComparison.Ordinal)));
        Assert.False(wait.IsCompleted);
        await _layout.AddAsync("k8s-s390x-1", "linux/s390x");
        await AdvanceAsync(() => wait.IsCompleted);
        await wait;
        Assert.DoesNotContain(_sink.Lines, line => line.Contains("k8s-arm64-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_gives_up_after_a_while_and_names_what_is_missing()
    {
        var wait = WaitAsync("linux/arm64", "linux/s390x");
        await _layout.AddAsync("k8s-arm64-1", "linux/arm64");
        var start = _time.GetUtcNow();
        await AdvanceAsync(() => wait.IsCompleted);
        var failure = await Assert.ThrowsAsync<WaitTimeoutException>(() => wait);
        Assert.Equal([$"{_layout.Name("k8s-s390x-1")}"], failure.Missing);
        Assert.True(_time.GetUtcNow() - start >= Limit);
    }

    private Task WaitAsync(params string[] platforms) => new TemplateWait(_layout.Stores, _sink, _time).WaitAsync(
        TagTemplate.Parse($"{_layout.Place()}:k8s-{{arch}}-1"), [.. platforms.Select(Platform.Parse)], Limit, CancellationToken.None);

    private async Task AdvanceAsync(Func<bool> until)
    {
        while (!until())
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(1);
        }
    }
}
