using System.Collections;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>Offers the words in braces of a template for tags, behind what is written already.</summary>
public class TagTextCompleter : Completer
{
    private static readonly string[] OfBuilds = ["{arch}", "{tag}", "{stream}", "{date}", "{commit}"];

    private protected virtual IEnumerable<string> Words => OfBuilds;

    private protected sealed override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel)
    {
        var brace = word.LastIndexOf('{') is >= 0 and var last && !word[last..].Contains('}') ? last : word.Length;
        return Words.Where(one => one.StartsWith(word[brace..], StringComparison.OrdinalIgnoreCase)).Select(one => word[..brace] + one);
    }
}

/// <summary>Offers the words in braces of a tag that keeps what another one held.</summary>
public sealed class KeptTagCompleter : TagTextCompleter
{
    private static readonly string[] OfKeptTags = ["{tag}", "{digest}"];

    private protected override IEnumerable<string> Words => OfKeptTags;
}
