using System.Management.Automation;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Serving;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Stops registries that Start-ArchRegistry started in this process. What they hold stays, but for a temporary folder.</summary>
[Cmdlet(VerbsLifecycle.Stop, "ArchRegistry", SupportsShouldProcess = true)]
public sealed class StopArchRegistryCommand : AsyncCmdlet
{
    /// <summary>Host and port, or what Start-ArchRegistry gave.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty, ArgumentCompleter(typeof(RegistryCompleter))]
    public string[] Registry { get; set; } = [];

    private protected override void Accept()
    {
        foreach (var registry in Registry)
            Start(registry, () => registry, StopAsync);
    }

    private async Task StopAsync(string registry, CancellationToken cancel)
    {
        if (await ShouldProcessAsync($"Stop the registry {registry}").ConfigureAwait(false))
            await LocalRegistries.StopAsync(registry).ConfigureAwait(false);
    }
}
