using System.Management.Automation;
using MultiArchImage.Host;

namespace MultiArchImage.Cmdlets.Tests.Host;

public sealed class ProgressLineTests : IDisposable
{
    private const string EraseLine = "\r\u001b[K";
    private readonly StringWriter _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public void Progress_replaces_what_the_same_activity_reported_before()
    {
        var line = new ProgressLine(_terminal, isTerminal: true, () => 80);

        line.Report(new ProgressRecord(1, "Pushing", "layer 1") { PercentComplete = 40 });
        line.Report(new ProgressRecord(1, "Pushing", "layer 2") { PercentComplete = 80 });

        Assert.Equal($"Pushing: layer 1 40%{EraseLine}Pushing: layer 2 80%", _terminal.ToString());
    }

    [Fact]
    public void A_completed_activity_leaves_nothing()
    {
        var line = new ProgressLine(_terminal, isTerminal: true, () => 80);

        line.Report(new ProgressRecord(1, "Pushing", "layer 1"));
        line.Report(new ProgressRecord(1, "Pushing", "done") { RecordType = ProgressRecordType.Completed });

        Assert.EndsWith(EraseLine, _terminal.ToString());
    }

    [Fact]
    public void A_long_line_is_cut_before_the_last_column()
    {
        new ProgressLine(_terminal, isTerminal: true, () => 12).Report(new ProgressRecord(1, "Pushing", "a long status"));

        Assert.Equal("Pushing: a…", _terminal.ToString());
    }

    [Fact]
    public void Nothing_is_drawn_where_there_is_no_terminal()
    {
        new ProgressLine(_terminal, isTerminal: false, () => 80).Report(new ProgressRecord(1, "Pushing", "layer 1"));

        Assert.Empty(_terminal.ToString());
    }
}
