using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace MultiArchImage.Host;

/// <summary>
/// The streams of a script on a console: output on standard output; errors, warnings and progress on standard error, so that a pipe
/// gets what a script returns and nothing else. Verbose and debug text goes where <c>pwsh</c> puts it, to standard output.
/// </summary>
internal sealed class ConsoleUserInterface(Interaction interaction) : PSHostUserInterface
{
    private readonly ProgressLine _progress = new(Console.Error, !Console.IsErrorRedirected, () => Console.WindowWidth);
    private readonly Questions _questions = new(Console.In, Console.Out);
    private readonly Lock _writing = new();

    public override PSHostRawUserInterface RawUI { get; } = new ConsoleRawUserInterface();

    /// <summary>Escapes only for a terminal that wants them (no-color.org).</summary>
    public override bool SupportsVirtualTerminal => !Console.IsOutputRedirected && WantsColor;

    private static bool WantsColor =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public override void Write(string value) => WriteTo(Console.Out, GetOutputString(value, SupportsVirtualTerminal));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteVerboseLine(string message) => WriteLine($"VERBOSE: {message}");

    public override void WriteDebugLine(string message) => WriteLine($"DEBUG: {message}");

    public override void WriteWarningLine(string message) => WriteTo(Console.Error, $"WARNING: {message}{Environment.NewLine}");

    public override void WriteErrorLine(string value)
    {
        var text = !Console.IsErrorRedirected && WantsColor ? $"\e[31;1m{value}\e[0m" : value;
        WriteTo(Console.Error, text + Environment.NewLine);
    }

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        lock (_writing)
            _progress.Show(record);
    }

    /// <summary>Takes the progress line away, for instance when a script was stopped in the middle.</summary>
    public void ClearProgress()
    {
        lock (_writing)
            _progress.Clear();
    }

    public override string ReadLine() => Ask("Reading a line", () => _questions.Line(""));

    public override SecureString ReadLineAsSecureString() => Ask("Reading a secret", () => Questions.Secret(Console.Out, ""));

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        Ask($"The question '{message}'", () => _questions.Choice(caption, message, choices, defaultChoice));

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        Ask($"The value of {string.Join(", ", descriptions.Select(field => field.Name))}", () => _questions.Fields(caption, message, descriptions));

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        Ask("A credential", () => _questions.Credential(caption, message, userName));

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        PromptForCredential(caption, message, userName, targetName);

    private T Ask<T>(string what, Func<T> question)
    {
        interaction.Require(what);
        ClearProgress();
        return question();
    }

    private void WriteTo(TextWriter writer, string text)
    {
        lock (_writing)
        {
            _progress.Clear();
            writer.Write(text);
        }
    }
}
