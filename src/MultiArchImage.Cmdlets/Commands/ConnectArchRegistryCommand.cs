using System.Management.Automation;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Logs in to registries: asks each whether the credential is right, then keeps it where Docker does, or for this session only.</summary>
[Cmdlet(VerbsCommunications.Connect, "ArchRegistry", SupportsShouldProcess = true, DefaultParameterSetName = "Credential"), OutputType(typeof(ArchRegistry))]
public sealed class ConnectArchRegistryCommand : RegistryCmdlet
{
    /// <summary>Host and port of the registry; docker.io is Docker Hub.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty, ArgumentCompleter(typeof(RegistryCompleter))]
    public string[] Registry { get; set; } = [];

    /// <summary>Keep the login in this process only, not in Docker's config.json or its credential helper.</summary>
    [Parameter]
    public SwitchParameter SessionOnly { get; set; }

    /// <summary>A Maven settings file with the user and password of each registry, as Jenkins provides it in SETTINGS_FILE.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Maven")]
    [ValidateNotNullOrEmpty]
    public string? MavenSettings { get; set; }

    /// <summary>The id of the server in the settings file; without it host and port of the registry, or what begins with it.</summary>
    [Parameter(ParameterSetName = "Maven")]
    [ValidateNotNullOrEmpty]
    public string? Server { get; set; }

    /// <summary>The name of a credential in the environment: HUB for HUB_USR and HUB_PSW, as Jenkins sets them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Environment")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(EnvironmentLoginCompleter))]
    public string? FromEnvironment { get; set; }

    private protected override void Accept()
    {
        if (Credential is not null && ParameterSetName != "Credential")
            throw new PSArgumentException($"-Credential and -{(MavenSettings is null ? nameof(FromEnvironment) : nameof(MavenSettings))} both say who one is: give one of them.");
        foreach (var registry in Registry)
            Start(registry, () => (RegistryName.Parse(registry), MavenSettings is null ? null : ResolvePath(MavenSettings)), ConnectAsync);
    }

    private async Task ConnectAsync((string Registry, string? Settings) what, CancellationToken cancel)
    {
        var (registry, settings) = what;
        var given = settings is not null ? await new Oci.Registry.Auth.MavenSettings(settings).FindAsync(Server ?? registry, cancel).ConfigureAwait(false)
            : FromEnvironment is not null ? RegistryCredential.FromEnvironment(FromEnvironment)
            : null;
        var resolver = given is null ? Credentials : new CredentialResolver(given);
        var credential = await resolver.ResolveAsync(registry, null, cancel).ConfigureAwait(false);
        if (credential is null)
        {
            // Whether it lets anybody in: there is nothing to keep.
            await Registries(resolver).VerifyAsync(registry, cancel).ConfigureAwait(false);
            return;
        }
        var login = await Registries(resolver).LogInAsync(registry, credential, cancel).ConfigureAwait(false);
        if (!await ShouldProcessAsync($"Keep the login of {credential} to {registry}").ConfigureAwait(false))
            return;
        await WriteAsync(new ArchRegistry
        {
            Registry = registry,
            UserName = $"{credential}",
            StoredIn = await Credentials.KeepAsync(registry, login, SessionOnly, cancel).ConfigureAwait(false),
        }).ConfigureAwait(false);
    }
}
