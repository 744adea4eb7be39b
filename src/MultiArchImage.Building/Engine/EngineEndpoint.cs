using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Building.Engine;

/// <summary>Where an engine is, and who said so.</summary>
/// <param name="Address"><c>unix:</c>, <c>npipe:</c>, <c>tcp:</c>, <c>http:</c> or <c>https:</c>.</param>
/// <param name="Source">Who said so, for messages: <c>DOCKER_HOST</c>, <c>Docker context "ci"</c>.</param>
/// <param name="Certificates">The certificates of a TLS connection; null for none.</param>
internal sealed record EngineEndpoint(Uri Address, string Source, EngineCertificates? Certificates = null)
{
    private const string DefaultContext = "default";
    private const string WindowsPipe = "npipe://./pipe/docker_engine";
    private const string LinuxSocket = "/var/run/docker.sock";

    /// <summary>
    /// Finds the engine as the Docker CLI does: what was asked for, <c>DOCKER_HOST</c>, the context of <c>DOCKER_CONTEXT</c> or of
    /// <c>config.json</c>, the usual place of the platform.
    /// </summary>
    /// <exception cref="EngineUnavailableException">An address is malformed, or a context is not there.</exception>
    public static EngineEndpoint Resolve(string? dockerHost, EngineEnvironment environment)
    {
        if (!string.IsNullOrEmpty(dockerHost))
            return Of(dockerHost, "-DockerHost", OfVariables(environment));
        if (environment["DOCKER_HOST"] is { } host)
            return Of(host, "DOCKER_HOST", OfVariables(environment));
        if (environment["DOCKER_CONTEXT"] is { } context && context != DefaultContext)
            return OfContext(context, "DOCKER_CONTEXT", environment);
        return CurrentContext(environment) is { } current && current != DefaultContext
            ? OfContext(current, "config.json", environment)
            : Of(Default(environment), "the default of this platform", null);
    }

    private static EngineEndpoint Of(string address, string source, EngineCertificates? certificates)
    {
        // Docker's pipes are written with two or four slashes; a URI has the host "." in its place.
        var text = address.Replace("npipe:////./", "npipe://./", StringComparison.Ordinal);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
            throw new EngineUnavailableException(address, source, "it is no address; write unix:///PATH, tcp://HOST:PORT or npipe://./pipe/NAME");
        if (uri.Scheme is not ("unix" or "npipe" or "tcp" or "http" or "https"))
            throw new EngineUnavailableException(address, source, $"{uri.Scheme} is not supported; forward the engine's socket and give unix:///PATH");
        return new EngineEndpoint(uri, source, uri.Scheme is "unix" or "npipe" or "http" ? null : certificates);
    }

    private static EngineEndpoint OfContext(string name, string chooser, EngineEnvironment environment)
    {
        var source = $"Docker context \"{name}\" of {chooser}";
        // Docker CLI: a context's folder is the digest of its name.
        var id = Digest.Of(System.Text.Encoding.UTF8.GetBytes(name)).Hex;
        var file = Path.Combine(environment.ConfigFolder, "contexts", "meta", id, "meta.json");
        var docker = Read(file, source)?["Endpoints"]?["docker"] as JObject;
        if (docker?.Text("Host") is not { Length: > 0 } host)
            throw new EngineUnavailableException(name, source, $"there is no such context in {environment.ConfigFolder}");
        var folder = Path.Combine(environment.ConfigFolder, "contexts", "tls", id, "docker");
        var isUnchecked = docker["SkipTLSVerify"] is JValue { Value: true };
        return Of(host, source, Directory.Exists(folder) || isUnchecked ? new EngineCertificates(folder, !isUnchecked) : null);
    }

    private static EngineCertificates? OfVariables(EngineEnvironment environment) => environment["DOCKER_TLS_VERIFY"] is null
        ? null
        : new EngineCertificates(environment["DOCKER_CERT_PATH"] ?? environment.ConfigFolder, IsServerChecked: true);

    private static string? CurrentContext(EngineEnvironment environment) =>
        Read(Path.Combine(environment.ConfigFolder, "config.json"), "config.json")?.Text("currentContext") is { Length: > 0 } name ? name : null;

    private static JObject? Read(string file, string source)
    {
        try
        {
            return File.Exists(file) ? Json.ParseObject(File.ReadAllBytes(file), file) : null;
        }
        catch (Exception e) when (e is InvalidImageException or IOException or UnauthorizedAccessException)
        {
            throw new EngineUnavailableException(file, source, e.Message, e);
        }
    }

    // A rootless engine is the user's own; it counts only where the machine has no other.
    private static string Default(EngineEnvironment environment)
    {
        if (environment.IsWindows)
            return WindowsPipe;
        var rootless = environment["XDG_RUNTIME_DIR"] is { } folder ? Path.Combine(folder, "docker.sock") : null;
        return $"unix://{(rootless is not null && !File.Exists(LinuxSocket) && File.Exists(rootless) ? rootless : LinuxSocket)}";
    }
}
