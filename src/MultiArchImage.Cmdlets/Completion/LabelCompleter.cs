using System.Collections;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>Offers what tells builds apart: the short names, and the labels that image-spec (Annotations) knows.</summary>
public sealed class LabelCompleter : Completer
{
    private static readonly string[] Words =
    [
        "Revision", "Version", "org.opencontainers.image.revision", "org.opencontainers.image.version", "org.opencontainers.image.source",
        "org.opencontainers.image.created", "org.opencontainers.image.ref.name",
    ];

    private protected override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel) =>
        Words.Where(label => label.StartsWith(word, StringComparison.OrdinalIgnoreCase));
}
