using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>Keeps what is printed, and answers confirmations with what the test laid out.</summary>
internal sealed class RecordingUserInterface : PSHostUserInterface
{
    private readonly StringBuilder _text = new();
    private readonly List<string> _questions = [];

    internal Queue<string> Answers { get; } = new();

    internal IReadOnlyList<string> Questions => _questions;

    public override PSHostRawUserInterface RawUI { get; } = new FixedRawUserInterface();

    /// <summary>Returns what was printed since the last call.</summary>
    internal string TakeText()
    {
        lock (_text)
        {
            var text = _text.ToString();
            _text.Clear();
            return text;
        }
    }

    public override void Write(string value)
    {
        lock (_text)
            _text.Append(GetOutputString(value, supportsVirtualTerminal: false));
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Write($"{value}\n");

    public override void WriteErrorLine(string value) => WriteLine(value);

    public override void WriteDebugLine(string message) => WriteLine($"DEBUG: {message}");

    public override void WriteVerboseLine(string message) => WriteLine($"VERBOSE: {message}");

    public override void WriteWarningLine(string message) => WriteLine($"WARNING: {message}");

    /// <summary>Progress is read from the session's result.</summary>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        _questions.Add(message);
        var answer = Answers.Dequeue();
        var chosen = choices.ToList().FindIndex(choice => choice.Label.Replace("&", "", StringComparison.Ordinal) == answer);
        return chosen >= 0 ? chosen : throw new ArgumentException($"{answer} is none of the choices.");
    }

    public override string ReadLine() => throw Unexpected("a line");

    public override SecureString ReadLineAsSecureString() => throw Unexpected("a password");

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        throw Unexpected(string.Join(", ", descriptions.Select(field => field.Name)));

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw Unexpected("a credential");

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        throw Unexpected("a credential");

    private static InvalidOperationException Unexpected(string what) => new($"The script asked for {what}, which this test does not answer.");
}
