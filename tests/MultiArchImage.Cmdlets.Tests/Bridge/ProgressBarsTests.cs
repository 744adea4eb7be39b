using System.Management.Automation;
using Microsoft.Extensions.Time.Testing;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Cmdlets.Tests.Bridge;

public sealed class ProgressBarsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ProgressBars _bars;
    private readonly List<(DateTimeOffset At, ProgressRecord Record)> _records = [];

    public ProgressBarsTests() => _bars = new ProgressBars(_time);

    [Fact]
    public void Never_more_than_ten_records_leave_in_a_second_and_no_bar_stays()
    {
        // Twenty layers that tell of each kilobyte and end all at once, then as many again.
        for (var wave = 0; wave < 3; wave++)
        {
            for (var step = 0; step < 400; step++)
            {
                for (var layer = 0; layer < 20; layer++)
                    Tell($"layer {wave} {layer}", step / 400.0);
                _time.Advance(TimeSpan.FromMilliseconds(5));
            }
            for (var layer = 0; layer < 20; layer++)
                Complete($"layer {wave} {layer}");
        }
        Assert.All(_records, record => Assert.InRange(_records.Count(other => other.At >= record.At && other.At < record.At + TimeSpan.FromSeconds(1)), 1, 10));
        Assert.InRange(_records.Count, 20, 80);
        Assert.All(_records.GroupBy(record => record.Record.ActivityId), bar =>
        {
            Assert.Equal(ProgressRecordType.Completed, bar.Last().Record.RecordType);
            Assert.Single(bar, record => record.Record.RecordType == ProgressRecordType.Completed);
        });
    }

    [Fact]
    public void One_activity_alone_moves_several_times_a_second()
    {
        for (var step = 0; step < 1000; step++)
        {
            Tell("Copying", step / 1000.0);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }
        Assert.InRange(_records.Count, 30, 100);
        Assert.Equal(_records.Select(record => record.Record.PercentComplete).Order(), _records.Select(record => record.Record.PercentComplete));
    }

    [Fact]
    public void A_layer_is_shown_below_its_image()
    {
        Tell("Copying to team/app", 0.1);
        Tell("sha256:0123", 0.5, "Copying to team/app");
        Assert.Equal(-1, _records[0].Record.ParentActivityId);
        Assert.Equal(_records[0].Record.ActivityId, _records[1].Record.ParentActivityId);
    }

    [Fact]
    public void What_ends_before_it_was_shown_leaves_no_trace()
    {
        Complete("Copying");
        Assert.Empty(_records);
    }

    [Fact]
    public void An_activity_that_comes_again_is_a_bar_of_its_own()
    {
        Tell("Copying", 0.5);
        Complete("Copying");
        Tell("Copying", 0.1);
        Assert.Equal([1, 1, 2], _records.Select(record => record.Record.ActivityId));
    }

    private void Tell(string activity, double fraction, string? parent = null) => Keep(new ActivityProgress(activity, "", fraction) { Parent = parent });

    private void Complete(string activity) => Keep(new ActivityProgress(activity, "done", 1) { IsCompleted = true });

    private void Keep(ActivityProgress progress)
    {
        if (_bars.Show(progress) is { } record)
            _records.Add((_time.GetUtcNow(), record));
    }
}
