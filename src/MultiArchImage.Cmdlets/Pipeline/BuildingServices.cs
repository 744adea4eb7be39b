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
internal sealed class BuildingServices : IDisposable
{
    public BuildingServices(ImageStores stores, CredentialResolver credentials, string? dockerHost, IActivitySink sink, int throttleLimit)
    {
        Engine = new EngineConnection(dockerHost, sink);
        Publisher = new ImagePublisher(stores, Engine, credentials, sink, throttleLimit);
        Receiver = new ImageReceiver(stores, Engine, credentials, sink, throttleLimit);
        Daemonless = new DaemonlessBuilder(sink, reference => stores.Open(reference.Place));
    }

    /// <summary>The engine.</summary>
    public EngineConnection Engine { get; }

    /// <summary>Pushes and copies.</summary>
    public ImagePublisher Publisher { get; }

    /// <summary>Pulls.</summary>
    public ImageReceiver Receiver { get; }

    /// <summary>Builds without an engine.</summary>
    public DaemonlessBuilder Daemonless { get; }

    public void Dispose()
    {
        Publisher.Dispose();
        Engine.Dispose();
    }
}
