using System.Collections;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>Offers folders for a layout: <c>oci:PATH</c>, also behind a path alone.</summary>
public sealed class LayoutCompleter : Completer
{
    private const string Scheme = "oci:";

    private protected override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel) =>
        FilePaths.Find(word.StartsWith(Scheme, StringComparison.Ordinal) ? word : Scheme + word, Scheme).DefaultIfEmpty(Scheme);
}
