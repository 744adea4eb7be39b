using MultiArchImage.Oci.Registry.Auth;

namespace MultiArchImage.Oci.Serving;

/// <summary>What a registry on this machine serves, and to whom.</summary>
/// <param name="Path">The folder, absolute; it is made where it is not there.</param>
public sealed record RegistryServerOptions(string Path)
{
    /// <summary>The port of the loopback address; null for one that is free.</summary>
    public int? Port { get; init; }

    /// <summary>The user and password that it wants (Basic); null where anybody may come.</summary>
    public RegistryCredential? Credential { get; init; }

    /// <summary>What time it is, for the age of uploads.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long a client may stop in the middle of what it sends.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromMinutes(2);
}
