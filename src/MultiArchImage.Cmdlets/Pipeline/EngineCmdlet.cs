using System.Management.Automation;
using MultiArchImage.Cmdlets.Completion;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>The base of cmdlets that may work with a Docker Engine.</summary>
public abstract class EngineCmdlet : RegistryCmdlet
{
    private readonly Lazy<BuildingServices> _building;

    /// <summary>Nothing is connected to before it is needed.</summary>
    protected EngineCmdlet() => _building = new(() => new BuildingServices(Stores, Credentials, DockerHost, Sink, ThrottleLimit));

    /// <summary>
    /// The Docker Engine: unix:///run/docker.sock, npipe://./pipe/docker_engine, tcp://host:2376; without it DOCKER_HOST, the Docker context, or
    /// the platform's default.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DockerHostCompleter))]
    public string? DockerHost { get; set; }

    /// <summary>What builds, publishes and receives.</summary>
    private protected BuildingServices Building => _building.Value;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && _building.IsValueCreated)
            _building.Value.Dispose();
    }
}
