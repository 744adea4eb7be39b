using MultiArchImage.Building;
using MultiArchImage.Building.Daemonless;
using MultiArchImage.Building.Engine;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>
/// The only class that holds types of <c>MultiArchImage.Building</c>, which loads when this is first used (see <see cref="Loading.ModuleAssembly"/>):
/// a command that needs no engine does not load what talks to one.
/// </summary>
internal sealed class BuildingServices(
    ImageStores stores, CredentialResolver credentials, string? dockerHost, IActivitySink sink, int throttleLimit) : IDisposable
{
    /// <summary>The engine.</summary>
    public EngineConnection Engine { get; } = new(dockerHost, sink);

    /// <summary>Pushes and copies.</summary>
    public ImagePublisher Publisher => new(stores, Engine, credentials, sink, throttleLimit);

    /// <summary>Pulls.</summary>
    public ImageReceiver Receiver => new(stores, Engine, credentials, sink, throttleLimit);

    /// <summary>Builds without an engine.</summary>
    public DaemonlessBuilder Daemonless => new(sink, reference => stores.Open(reference.Place));

    public void Dispose() => Engine.Dispose();
}
