using System.Collections;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>What users write as hashtables.</summary>
internal static class Maps
{
    /// <summary>Keys and values as text; null gives an empty map.</summary>
    public static IReadOnlyDictionary<string, string> ToStrings(this IDictionary? map) =>
        map is null ? new Dictionary<string, string>() : map.Keys.Cast<object>().ToDictionary(key => $"{key}", key => $"{map[key]}", StringComparer.Ordinal);
}
