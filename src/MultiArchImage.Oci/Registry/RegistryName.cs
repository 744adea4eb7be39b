using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Registry;

/// <summary>Names of registries as people give them, and where their API is.</summary>
public static class RegistryName
{
    private const string DockerHubApi = "registry-1.docker.io";

    /// <summary>Host and port of a registry: <c>registry.example.com:5000</c>; Docker Hub is <c>docker.io</c> whatever it was called.</summary>
    /// <exception cref="InvalidReferenceException">The text is no host.</exception>
    public static string Parse(string text)
    {
        var host = text.Trim().TrimEnd('/').ToLowerInvariant();
        foreach (var scheme in new[] { "https://", "http://" })
        {
            if (host.StartsWith(scheme, StringComparison.Ordinal))
                host = host[scheme.Length..];
        }
        if (host is "hub.docker.com" or DockerHubApi or "index.docker.io/v1" or "index.docker.io" or ImageReference.DockerHub)
            return ImageReference.DockerHub;
        // A host is whatever may stand before a repository in a reference.
        return ImageReference.TryParse($"{(IsBare(host) ? host + ":443" : host)}/x", out var reference) && reference.Registry != ImageReference.DockerHub
            ? host
            : throw new InvalidReferenceException(text, "it is no registry", "write its host and port, like registry.example.com:5000, or docker.io");
    }

    /// <summary>Whether the registry is on this machine, where plain HTTP is safe.</summary>
    public static bool IsLoopback(string registry)
    {
        var host = Host(registry);
        return host is "localhost" or "[::1]" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));
    }

    /// <summary>The root of the registry's API, <c>https://host/v2/</c>.</summary>
    /// <param name="registry">Host and port, as in references.</param>
    /// <param name="plainHttp">Whether plain HTTP is spoken.</param>
    internal static Uri Api(string registry, bool plainHttp)
    {
        var host = registry == ImageReference.DockerHub ? DockerHubApi : registry;
        return new Uri($"{(plainHttp ? "http" : "https")}://{host}/v2/");
    }

    private static bool IsBare(string host) => !host.Contains('.') && !host.Contains(':') && host != "localhost";

    private static string Host(string registry)
    {
        var colon = registry.LastIndexOf(':');
        return colon > registry.LastIndexOf(']') ? registry[..colon] : registry;
    }
}
