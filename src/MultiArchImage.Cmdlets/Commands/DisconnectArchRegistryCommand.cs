using System.Management.Automation;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Registry;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Logs out of registries: forgets the login of this session, and the one that Docker's config.json or its credential helper keeps.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "ArchRegistry", SupportsShouldProcess = true)]
public sealed class DisconnectArchRegistryCommand : RegistryCmdlet
{
    /// <summary>Host and port of the registry; docker.io is Docker Hub.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty, ArgumentCompleter(typeof(RegistryCompleter))]
    public string[] Registry { get; set; } = [];

    private protected override void Accept()
    {
        foreach (var registry in Registry)
            Start(registry, () => RegistryName.Parse(registry), DisconnectAsync);
    }

    private async Task DisconnectAsync(string registry, CancellationToken cancel)
    {
        if (await ShouldProcessAsync($"Forget the login to {registry}").ConfigureAwait(false))
            await Credentials.ForgetAsync(registry, cancel).ConfigureAwait(false);
    }
}
