using System.Text.Json.Nodes;

namespace MultiArchImage.Testbed.Peers;

/// <summary>A fat manifest as a registry serves it.</summary>
/// <param name="MediaType">The type it is served with.</param>
/// <param name="Digest">The digest of its bytes.</param>
/// <param name="Document">What the bytes say.</param>
public sealed record BareIndex(string MediaType, string Digest, JsonObject Document)
{
    /// <summary>The entries, in order.</summary>
    public IReadOnlyList<JsonObject> Entries => [.. (Document["manifests"] as JsonArray ?? []).Select(entry => entry!.AsObject())];

    /// <summary>The digests of the entries, in order.</summary>
    public IReadOnlyList<string> Digests => [.. Entries.Select(entry => $"{entry["digest"]}")];

    /// <summary>The platforms of the entries with all that they say, in order: <c>linux/arm/v7</c>, <c>windows/amd64 10.0.17763.1</c>; empty for none.</summary>
    public IReadOnlyList<string> Platforms => [.. Entries.Select(Platform)];

    /// <summary>Each entry's platform, media type and digest, sorted: what two fat manifests of the same images have in common.</summary>
    public IReadOnlyList<string> Facts => [.. Entries.Select(entry => $"{Platform(entry)} {entry["mediaType"]} {entry["digest"]}").Order(StringComparer.Ordinal)];

    /// <summary>The annotations of the whole.</summary>
    public IReadOnlyDictionary<string, string> Annotations =>
        (Document["annotations"] as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => $"{pair.Value}");

    private static string Platform(JsonObject entry)
    {
        if (entry["platform"] is not JsonObject platform)
            return "";
        var name = string.Join('/', new[] { platform["os"], platform["architecture"], platform["variant"] }.Where(part => $"{part}".Length > 0));
        return $"{name} {platform["os.version"]} {platform["os.features"]?.ToJsonString()}".TrimEnd();
    }
}
