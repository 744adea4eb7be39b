namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>What the environment says of stored credentials.</summary>
/// <param name="DockerConfigFile">Docker's <c>config.json</c>.</param>
/// <param name="DockerAuthConfig">The value of <c>DOCKER_AUTH_CONFIG</c>: the text of a config.json, as CI systems hand it on.</param>
/// <param name="RegistryAuthFile">The value of <c>REGISTRY_AUTH_FILE</c>: the path of podman's and skopeo's auth.json.</param>
public sealed record CredentialEnvironment(string DockerConfigFile, string? DockerAuthConfig = null, string? RegistryAuthFile = null)
{
    /// <summary>What this process's environment says: <c>DOCKER_CONFIG</c> names the folder of config.json, else it is <c>~/.docker</c>.</summary>
    public static CredentialEnvironment OfProcess()
    {
        var folder = Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } given
            ? given
            : Path.Combine(DockerHome.Folder, ".docker");
        return new CredentialEnvironment(
            Path.GetFullPath(Path.Combine(folder, "config.json")),
            Environment.GetEnvironmentVariable("DOCKER_AUTH_CONFIG"),
            Environment.GetEnvironmentVariable("REGISTRY_AUTH_FILE"));
    }
}
