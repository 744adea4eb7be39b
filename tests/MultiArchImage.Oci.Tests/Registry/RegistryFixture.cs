using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Registry;

/// <summary>A client of a registry whose stored credentials are in a folder of its own.</summary>
internal sealed class RegistryFixture : IDisposable
{
    public TemporaryFolder Folder { get; } = new();

    public RecordingSink Sink { get; } = new();

    public CredentialEnvironment Environment => new(Folder["config.json"]);

    public RegistryOptions Options { get; init; } = new() { MaximumRetryCount = 2, WillPush = true };

    public RegistryClient Client(RegistryCredential? credential = null, CredentialEnvironment? environment = null) =>
        new(Options, new CredentialResolver(credential, environment ?? Environment), Sink);

    public RegistryStore Open(string place, RegistryCredential? credential = null) => Client(credential).Open(ImageReference.Parse(place));

    public void Dispose() => Folder.Dispose();
}

/// <summary>A sink that keeps what it was told.</summary>
internal sealed class RecordingSink : IActivitySink
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public void Verbose(string line) => Lines.Enqueue(line);

    public void Debug(string line) => Lines.Enqueue(line);

    public void Warning(string message) => Lines.Enqueue(message);

    public void Progress(ActivityProgress progress) => Lines.Enqueue(progress.ToString());
}
