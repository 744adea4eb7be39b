using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Building.Engine;

/// <summary>The contexts of the Docker CLI (<c>docker context ls</c>).</summary>
public static class EngineContexts
{
    /// <summary>The addresses of their engines; those of contexts that cannot be read are left out.</summary>
    public static IReadOnlyList<string> ListAddresses() => ListAddresses(EngineEnvironment.Current);

    internal static IReadOnlyList<string> ListAddresses(EngineEnvironment environment)
    {
        var folder = Path.Combine(environment.ConfigFolder, "contexts", "meta");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "meta.json", SearchOption.AllDirectories).Select(ReadAddress).OfType<string>().Order(StringComparer.Ordinal)]
            : [];
    }

    private static string? ReadAddress(string file)
    {
        try
        {
            return (Json.ParseObject(File.ReadAllBytes(file), file)["Endpoints"]?["docker"] as JObject)?.Text("Host");
        }
        catch (Exception e) when (e is InvalidImageException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
