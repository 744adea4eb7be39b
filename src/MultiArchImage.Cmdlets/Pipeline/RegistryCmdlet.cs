using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Registry.Uploads;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>The base of cmdlets that may talk to a registry: who one is, how long to wait, how often to try.</summary>
public abstract class RegistryCmdlet : AsyncCmdlet
{
    private const string FileSystem = "FileSystem";

    private readonly Lazy<CredentialResolver> _credentials;
    private readonly Lazy<ImageStores> _stores;

    /// <summary>What speaks to registries is made when the parameters are bound and something is asked.</summary>
    protected RegistryCmdlet()
    {
        _credentials = new(() => new CredentialResolver(Credential?.ToRegistryCredential()));
        _stores = new(() => new ImageStores(Registries()));
    }

    /// <summary>User and password for the registry; goes before what is stored.</summary>
    [Parameter, Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Speak to the registry over plain HTTP, although it is not on this machine.</summary>
    [Parameter]
    public SwitchParameter PlainHttp { get; set; }

    /// <summary>How many requests or transfers may be under way at a time.</summary>
    [Parameter, ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>Seconds to wait for an answer of the registry.</summary>
    [Parameter, ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 100;

    /// <summary>How often a request is tried again after a fault that may pass.</summary>
    [Parameter, ValidateRange(0, 100)]
    public int MaximumRetryCount { get; set; } = 6;

    /// <summary>Registries, layouts and archives, as the parameters say.</summary>
    private protected ImageStores Stores => _stores.Value;

    /// <summary>Whether the command pushes, so that the first token asked for allows it.</summary>
    private protected virtual bool WillPush => false;

    /// <summary>Who one is at registries.</summary>
    private protected CredentialResolver Credentials => _credentials.Value;

    /// <summary>A client of registries, as the parameters say.</summary>
    private protected RegistryClient Registries() => Registries(Credentials);

    /// <summary>A client of registries for another credential than the parameters'.</summary>
    private protected RegistryClient Registries(CredentialResolver credentials) => new(
        new RegistryOptions
        {
            PlainHttp = PlainHttp,
            WillPush = WillPush,
            ThrottleLimit = ThrottleLimit,
            Timeout = TimeSpan.FromSeconds(TimeoutSec),
            MaximumRetryCount = MaximumRetryCount,
            Mirrors = MirrorSettings.Read(),
            BlobLocations = LocationFolder.FromEnvironment(),
        },
        credentials,
        Sink);

    /// <summary>Reads a reference; a path in it is relative to the session's location. For the pipeline thread.</summary>
    private protected ImageReference Locate(string reference) => ImageReference.Parse(reference).MapPath(ResolvePath);

    /// <summary>Reads a pattern of references; a path in it is relative to the session's location. For the pipeline thread.</summary>
    private protected ReferencePattern LocatePattern(string pattern) => ReferencePattern.Parse(pattern, ResolvePath);

    /// <summary>The file system path of a PowerShell path, which need not exist.</summary>
    private protected string ResolvePath(string path)
    {
        var resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        // One that names its provider comes back as it was written, with slashes of either kind and "..": one folder has one name.
        return provider.Name == FileSystem ? Path.GetFullPath(resolved) : resolved;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && _stores.IsValueCreated)
            _stores.Value.Dispose();
    }
}
