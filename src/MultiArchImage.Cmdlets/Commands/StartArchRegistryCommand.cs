using System.Management.Automation;
using System.Management.Automation.Runspaces;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Serving;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>
/// Starts a registry on this machine, for trials and for tests of release scripts. It answers from this process, in the background, until
/// Stop-ArchRegistry or the end of the session. Each repository is an image layout in the folder: HOST/team/app:1.0 is oci:PATH/team/app:1.0.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "ArchRegistry", SupportsShouldProcess = true), OutputType(typeof(ArchRegistry))]
public sealed class StartArchRegistryCommand : AsyncCmdlet
{
    private string? _folder;
    private Runspace? _session;

    /// <summary>The folder that holds the repositories, or will; without it a temporary one, which goes with the registry.</summary>
    [Parameter(Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The port of this machine; without it one that is free. Other machines cannot reach it.</summary>
    [Parameter, ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>
    /// The user and password that the registry wants; without it, anybody on this machine may use it. This session is not logged in by it: give
    /// the other commands -Credential, or pipe the registry to Connect-ArchRegistry -SessionOnly.
    /// </summary>
    [Parameter, Credential]
    public PSCredential? Credential { get; set; }

    private protected override void Accept()
    {
        _folder = Path is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        _session = Runspace.DefaultRunspace;
    }

    private protected override async Task EndAsync(CancellationToken cancel)
    {
        var address = Port is { } port ? $"port {port}" : "a free port";
        if (!await ShouldProcessAsync($"Start a registry over {_folder ?? "a temporary folder"} on {address} of this machine").ConfigureAwait(false))
            return;
        var registry = LocalRegistries.Start(
            _folder, folder => new RegistryServerOptions(folder) { Port = Port, Credential = Credential?.ToRegistryCredential() });
        StopWithSession(registry.Registry);
        Sink.Verbose($"{registry} serves {registry.Path}");
        await WriteAsync(registry).ConfigureAwait(false);
    }

    // Nobody could stop it by what Start-ArchRegistry gave: that ended with the session.
    private void StopWithSession(string registry) => _session!.StateChanged += (_, change) =>
    {
        if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
            LocalRegistries.TryStopAsync(registry).GetAwaiter().GetResult();
    };
}
