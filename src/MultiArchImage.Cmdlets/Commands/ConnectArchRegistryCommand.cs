using System.Management.Automation;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Registry;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Logs in to registries: asks each whether the credential is right, then keeps it where Docker does, or for this session only.</summary>
[Cmdlet(VerbsCommunications.Connect, "ArchRegistry", SupportsShouldProcess = true), OutputType(typeof(ArchRegistry))]
public sealed class ConnectArchRegistryCommand : RegistryCmdlet
{
    /// <summary>Host and port of the registry; docker.io is Docker Hub.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Registry { get; set; } = [];

    /// <summary>Keep the login in this process only, not in Docker's config.json or its credential helper.</summary>
    [Parameter]
    public SwitchParameter SessionOnly { get; set; }

    private protected override void Accept()
    {
        foreach (var registry in Registry)
            Start(registry, () => RegistryName.Parse(registry), ConnectAsync);
    }

    private async Task ConnectAsync(string registry, CancellationToken cancel)
    {
        var credential = await Credentials.ResolveAsync(registry, cancel).ConfigureAwait(false);
        await Registries().VerifyAsync(registry, cancel).ConfigureAwait(false);
        if (credential is null || !await ShouldProcessAsync($"Keep the login of {credential.UserName} to {registry}").ConfigureAwait(false))
            return;
        await WriteAsync(new ArchRegistry
        {
            Registry = registry,
            UserName = credential.UserName,
            StoredIn = await Credentials.KeepAsync(registry, credential, SessionOnly, cancel).ConfigureAwait(false),
        }).ConfigureAwait(false);
    }
}
