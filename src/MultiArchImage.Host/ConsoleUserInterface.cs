using System.Management.Automation;
using System.Management.Automation.Host;

namespace MultiArchImage.Host;

/// <summary>
/// The streams on the console: what a script puts out goes to standard output, as do verbose, debug, warning and information lines, as with
/// <c>pwsh</c>; errors and progress go to standard error. Colors only on a terminal, and never where <c>NO_COLOR</c> is set.
/// </summary>
internal sealed partial class ConsoleUserInterface : PSHostUserInterface
{
    private readonly Lock _oneAtATime = new();
    private readonly ConsoleRawUserInterface _raw = new();
    private readonly ProgressLine _progress;
    private readonly bool _canAsk;
    private bool _outputIsError;
    private bool _lineIsOpen;
    private readonly bool _errorsHaveColor = HasColor(Console.IsErrorRedirected);

    internal ConsoleUserInterface(bool nonInteractive)
    {
        _canAsk = !nonInteractive && !Console.IsInputRedirected;
        _progress = new ProgressLine(Console.Error, !Console.IsErrorRedirected && TerminalEscapes.AreUnderstood, () => _raw.WindowSize.Width);
    }

    public override PSHostRawUserInterface RawUI => _raw;

    public override bool SupportsVirtualTerminal { get; } = HasColor(Console.IsOutputRedirected);

    public override void Write(string value) => Print(value, newLine: false);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Print(Styled(PSStyle.Instance.Foreground.FromConsoleColor(foregroundColor), value), newLine: false);

    public override void WriteLine(string value) => Print(value, newLine: true);

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Print(Styled(PSStyle.Instance.Foreground.FromConsoleColor(foregroundColor), value), newLine: true);

    // Comes with its colors from the engine's view of an error.
    public override void WriteErrorLine(string value) => Print(Console.Error, value, _errorsHaveColor, newLine: true);

    public override void WriteWarningLine(string message) =>
        Print(Styled(PSStyle.Instance.Formatting.Warning, $"WARNING: {message}"), newLine: true);

    public override void WriteVerboseLine(string message) =>
        Print(Styled(PSStyle.Instance.Formatting.Verbose, $"VERBOSE: {message}"), newLine: true);

    public override void WriteDebugLine(string message) =>
        Print(Styled(PSStyle.Instance.Formatting.Debug, $"DEBUG: {message}"), newLine: true);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        lock (_oneAtATime)
            _progress.Report(record);
    }

    /// <summary>Sends what is printed meanwhile to standard error: the engine's view of an error object is output to it.</summary>
    internal void PrintAsError(Action print)
    {
        _outputIsError = true;
        try
        {
            print();
            if (_lineIsOpen)
                WriteLine("");
        }
        finally
        {
            _outputIsError = false;
        }
    }

    /// <summary>Takes the progress line away, for whoever writes to the console next.</summary>
    internal void ClearProgress()
    {
        lock (_oneAtATime)
            _progress.Clear();
    }

    private void Print(string text, bool newLine)
    {
        if (_outputIsError)
            Print(Console.Error, text, _errorsHaveColor, newLine);
        else
            Print(Console.Out, text, SupportsVirtualTerminal, newLine);
    }

    private void Print(TextWriter stream, string text, bool hasColor, bool newLine)
    {
        // Takes escapes out where nobody would see their effect, or where $PSStyle.OutputRendering says so.
        var shown = GetOutputString(text, hasColor);
        lock (_oneAtATime)
        {
            _progress.Clear();
            stream.Write(newLine ? shown + stream.NewLine : shown);
            _lineIsOpen = !newLine && shown.Length > 0 && shown[^1] != '\n';
            // Behind an unfinished line the progress would be appended to it.
            if (!_lineIsOpen)
                _progress.Draw();
        }
    }

    private static string Styled(string style, string text) => $"{style}{text}{PSStyle.Instance.Reset}";

    /// <summary>Whether a stream's colors would be seen: it is a terminal, and <c>NO_COLOR</c> (no-color.org) is not set.</summary>
    private static bool HasColor(bool isRedirected) =>
        !isRedirected && TerminalEscapes.AreUnderstood && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
}
