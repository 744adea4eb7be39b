using System.Management.Automation;

namespace MultiArchImage.Host;

/// <summary>
/// Progress as one line at the bottom of a terminal, drawn on standard error and redrawn in place. Nothing is drawn where standard error is
/// redirected: a log has no place.
/// </summary>
/// <remarks>Not thread-safe; <see cref="ConsoleUserInterface"/> draws one thing at a time.</remarks>
internal sealed class ProgressLine(TextWriter terminal, bool isTerminal, Func<int> width)
{
    /// <summary>Back to the first column, and empty to the end of the line (ECMA-48, EL).</summary>
    private const string EraseLine = "\r\u001b[K";

    private readonly List<ProgressRecord> _underWay = [];
    private bool _drawn;

    /// <summary>Takes in what an activity reports: it replaces what the same activity reported before.</summary>
    internal void Report(ProgressRecord record)
    {
        if (!isTerminal)
            return;
        _underWay.RemoveAll(known => known.ActivityId == record.ActivityId);
        if (record.RecordType == ProgressRecordType.Processing)
            _underWay.Add(record);
        Clear();
        Draw();
    }

    /// <summary>Removes the line, so that something can be printed in its place.</summary>
    internal void Clear()
    {
        if (_drawn)
            terminal.Write(EraseLine);
        _drawn = false;
    }

    /// <summary>Draws the line again, below what was printed.</summary>
    internal void Draw()
    {
        if (_underWay.Count == 0 || _drawn)
            return;
        var line = string.Join("  ", _underWay.Select(Describe));
        // The last column stays free: a terminal would wrap there.
        var room = Math.Max(width() - 1, 1);
        terminal.Write(line.Length <= room ? line : string.Concat(line.AsSpan(0, room - 1), "…"));
        terminal.Flush();
        _drawn = true;
    }

    private static string Describe(ProgressRecord record)
    {
        var percent = record.PercentComplete >= 0 ? $" {record.PercentComplete}%" : "";
        return $"{record.Activity}: {record.StatusDescription}{percent}".ReplaceLineEndings(" ");
    }
}
