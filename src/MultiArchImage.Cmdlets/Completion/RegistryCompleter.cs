using System.Collections;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Serving;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>Offers the registries that have a login, and those that this process serves.</summary>
public sealed class RegistryCompleter : Completer
{
    private protected override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel) =>
        Wait(() => new CredentialResolver(null).ListAsync(cancel), cancel)
            .Concat(LocalRegistries.Names)
            .Where(registry => registry.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);
}
