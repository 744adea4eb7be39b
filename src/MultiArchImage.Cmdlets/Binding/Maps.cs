using System.Collections;
using System.Management.Automation;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>What users write as hashtables.</summary>
internal static class Maps
{
    /// <summary>Keys and values as text; null gives an empty map.</summary>
    public static IReadOnlyDictionary<string, string> ToStrings(this IDictionary? map) =>
        map is null ? new Dictionary<string, string>() : map.Keys.Cast<object>().ToDictionary(key => $"{key}", key => $"{map[key]}", StringComparer.Ordinal);

    /// <summary>Maps by name; a value that is no hashtable is refused.</summary>
    /// <exception cref="PSArgumentException">A value is no hashtable.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> ToMaps(this IDictionary? map) =>
        (map?.Keys.Cast<object>() ?? []).ToDictionary(
            key => $"{key}",
            key => (map![key] is PSObject wrapped ? wrapped.BaseObject : map[key]) is IDictionary inner
                ? inner.ToStrings()
                : throw new PSArgumentException($"The value of '{key}' must be a hashtable: @{{ '{key}' = @{{ name = 'value' }} }}."),
            StringComparer.Ordinal);

    /// <summary>A platform that is a key or value of a map.</summary>
    /// <exception cref="PSArgumentException">The text is none.</exception>
    public static Platform ToPlatform(string text) => Platform.TryParse(text, out var platform)
        ? platform
        : throw new PSArgumentException($"'{text}' is not a platform: write os/arch[/variant], like linux/amd64, linux/arm64 or linux/arm/v7.");
}
