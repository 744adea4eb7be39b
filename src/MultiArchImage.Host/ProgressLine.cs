using System.Management.Automation;

namespace MultiArchImage.Host;

/// <summary>Progress as one line of the error stream that is written over and taken away; nothing at all where that is no terminal.</summary>
internal sealed class ProgressLine(TextWriter error, bool isTerminal, Func<int> width)
{
    private const string EraseLine = "\r\e[2K";

    private bool _isShown;

    public void Show(ProgressRecord record)
    {
        if (!isTerminal)
            return;
        Clear();
        if (record.RecordType == ProgressRecordType.Completed)
            return;
        var text = Text(record);
        // The last column stays free: a terminal wraps what reaches it.
        error.Write(text[..Math.Min(text.Length, Math.Max(0, width() - 1))]);
        _isShown = true;
    }

    /// <summary>Makes room for other output.</summary>
    public void Clear()
    {
        if (!_isShown)
            return;
        error.Write(EraseLine);
        _isShown = false;
    }

    private static string Text(ProgressRecord record)
    {
        var percent = record.PercentComplete >= 0 ? $" {record.PercentComplete}%" : "";
        var operation = string.IsNullOrWhiteSpace(record.CurrentOperation) ? "" : $" {record.CurrentOperation}";
        return $"{record.Activity}:{percent} {record.StatusDescription}{operation}".ReplaceLineEndings(" ");
    }
}
