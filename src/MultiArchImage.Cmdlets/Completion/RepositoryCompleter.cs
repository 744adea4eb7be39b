using System.Collections;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>Offers the repositories of the engine's images.</summary>
public sealed class RepositoryCompleter : Completer
{
    private protected override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel) =>
        Wait(() => EngineNames.ListAsync(bound["DockerHost"] as string, cancel), cancel)
            .Select(name => $"{ImageReference.Parse(name).Place}")
            .Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);
}
