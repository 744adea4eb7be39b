using System.Collections;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>Offers the words in braces of a template for tags, behind what is written already.</summary>
public sealed class TagTextCompleter : Completer
{
    private static readonly string[] Words = ["{arch}", "{tag}", "{stream}", "{date}", "{commit}"];

    private protected override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel)
    {
        var brace = word.LastIndexOf('{') is >= 0 and var last && !word[last..].Contains('}') ? last : word.Length;
        return Words.Where(one => one.StartsWith(word[brace..], StringComparison.OrdinalIgnoreCase)).Select(one => word[..brace] + one);
    }
}
