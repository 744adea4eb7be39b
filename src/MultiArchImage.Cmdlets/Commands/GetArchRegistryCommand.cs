using System.Management.Automation;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Serving;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>
/// Asks registries whether they answer, who one is there, and what may still be pulled. One that does not answer, or lets nobody in, is no error:
/// a warning and the property Problem say what to do.
/// </summary>
[Cmdlet(VerbsCommon.Get, "ArchRegistry"), OutputType(typeof(ArchRegistry))]
public sealed class GetArchRegistryCommand : RegistryCmdlet
{
    private static readonly string[] All = ["*"];

    /// <summary>
    /// Host and port of the registry; docker.io is Docker Hub. With wildcards, or without this parameter, those that have a login and those that
    /// this process serves.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty, ArgumentCompleter(typeof(RegistryCompleter)), SupportsWildcards]
    public string[] Registry { get; set; } = All;

    private protected override void Accept()
    {
        foreach (var registry in Registry)
        {
            if (WildcardPattern.ContainsWildcardCharacters(registry))
                Start(registry, () => WildcardPattern.Get(registry, WildcardOptions.IgnoreCase), AskAllAsync);
            else
                Start(registry, () => RegistryName.Parse(registry), AskAsync);
        }
    }

    private async Task AskAsync(string registry, CancellationToken cancel) =>
        await ShowAsync(await InquireAsync(registry, cancel).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task AskAllAsync(WildcardPattern pattern, CancellationToken cancel)
    {
        var known = (await Credentials.ListAsync(cancel).ConfigureAwait(false)).Union(LocalRegistries.Names).Where(pattern.IsMatch);
        foreach (var answer in await Task.WhenAll(known.Order(StringComparer.Ordinal).Select(registry => InquireAsync(registry, cancel))).ConfigureAwait(false))
            await ShowAsync(answer).ConfigureAwait(false);
    }

    private Task<ArchRegistry> InquireAsync(string registry, CancellationToken cancel) => new RegistryInquiry(Registries(), Credentials).AskAsync(registry, cancel);

    // A table has no room for it.
    private async Task ShowAsync(ArchRegistry registry)
    {
        if (registry.Problem is not null)
            Sink.Warning(registry.Problem);
        await WriteAsync(registry).ConfigureAwait(false);
    }
}
