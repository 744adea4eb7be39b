using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>What a stored login is for: a registry, or a namespace of one.</summary>
/// <param name="Registry">Host and port, as in references.</param>
/// <param name="Namespace">The path that repositories begin with; null for all of them.</param>
internal readonly record struct LoginKey(string Registry, string? Namespace = null)
{
    // What docker login calls Docker Hub, since before there were other registries.
    private const string DockerHubKey = "https://index.docker.io/v1/";

    /// <summary>The text under which Docker keeps the login of a registry.</summary>
    public static string Write(string registry) => registry == ImageReference.DockerHub ? DockerHubKey : registry;

    /// <summary>Reads a key as Docker and podman write it.</summary>
    public static LoginKey Parse(string text)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
        var parts = text[start..].Split('/', 2);
        var host = parts[0].ToLowerInvariant();
        var path = parts is [_, var rest] ? rest.Trim('/') : "";
        return new LoginKey(
            host is "index.docker.io" or "registry-1.docker.io" ? ImageReference.DockerHub : host,
            // Older clients of Docker wrote the address of the API; only its host counts. podman writes namespaces, which have no scheme.
            start > 0 || path is "" or "v1" or "v2" ? null : path);
    }
}
