using System.Collections;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>Offers the engines of Docker's contexts.</summary>
public sealed class DockerHostCompleter : Completer
{
    private protected override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel) =>
        Wait(() => Task.FromResult(EngineNames.ListAddresses()), cancel).Where(address => address.StartsWith(word, StringComparison.OrdinalIgnoreCase));
}
