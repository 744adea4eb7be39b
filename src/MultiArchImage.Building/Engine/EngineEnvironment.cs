using System.Collections;
using MultiArchImage.Oci.Registry.Auth;

namespace MultiArchImage.Building.Engine;

/// <summary>What of a machine decides which engine is meant.</summary>
/// <param name="Home">The user's home folder.</param>
/// <param name="IsWindows">Whether named pipes are the default.</param>
/// <param name="Variables">The environment variables.</param>
internal sealed record EngineEnvironment(string Home, bool IsWindows, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>This process.</summary>
    public static EngineEnvironment Current => new(
        DockerHome.Folder,
        OperatingSystem.IsWindows(),
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? ""));

    /// <summary>Docker's folder of settings: <c>DOCKER_CONFIG</c>, else <c>.docker</c> of the home folder.</summary>
    public string ConfigFolder => this["DOCKER_CONFIG"] ?? Path.Combine(Home, ".docker");

    /// <summary>A variable; null where it is not set, or empty.</summary>
    public string? this[string variable] => Variables.TryGetValue(variable, out var value) && value.Length > 0 ? value : null;
}
