using System.Management.Automation;
using System.Text.RegularExpressions;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>A word that is being written, with the quote that it began with, if any.</summary>
internal sealed partial record CompletionWord(string Text, char? Quote)
{
    public static CompletionWord Of(string? written) => written is ['\'' or '"', ..]
        ? new CompletionWord(written[1..].TrimEnd(written[0]), written[0])
        : new CompletionWord(written ?? "", null);

    /// <summary>A word that may stand in its place, quoted where PowerShell would else read it as more than a word.</summary>
    public CompletionResult ToResult(string word)
    {
        var quote = Quote ?? (Plain().IsMatch(word) ? null : '\'');
        return new CompletionResult(quote is null ? word : $"{quote}{word.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal)}{quote}", word, CompletionResultType.ParameterValue, word);
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/\\-]*\z")]
    private static partial Regex Plain();
}
