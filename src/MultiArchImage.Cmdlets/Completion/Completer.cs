using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>
/// The base of what Tab offers. Somebody waits at a prompt: what does not answer within <see cref="Patience"/> offers nothing, and nothing that goes
/// wrong is shown.
/// </summary>
public abstract class Completer : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = CompletionWord.Of(wordToComplete);
        using var limit = new CancellationTokenSource(Patience);
        return [.. Find(word.Text, fakeBoundParameters, limit.Token).Distinct(StringComparer.Ordinal).Select(word.ToResult)];
    }

    /// <summary>What a word may become. On the pipeline thread.</summary>
    private protected abstract IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel);

    /// <summary>Waits for what is found elsewhere; nothing where it fails or takes too long.</summary>
    private protected static IReadOnlyList<string> Wait(Func<Task<IReadOnlyList<string>>> find, CancellationToken cancel)
    {
        try
        {
            return Task.Run(find, cancel).WaitAsync(cancel).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is ImageException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
