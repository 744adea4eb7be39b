using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Model;

/// <summary>Reads and writes JSON documents with their bounds; strings stay strings (a date in an annotation is not parsed and written anew).</summary>
internal static class Json
{
    // Of two fields of one name readers take the first or the last: what one verified, another would run.
    private static readonly JsonLoadSettings Settings = new() { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error };

    /// <exception cref="InvalidImageException">The bytes are not one JSON object.</exception>
    public static JObject ParseObject(ReadOnlySpan<byte> utf8, string what) => Parse(utf8, what, "object", reader => JObject.Load(reader, Settings));

    /// <exception cref="InvalidImageException">The bytes are not one JSON array.</exception>
    public static JArray ParseArray(ReadOnlySpan<byte> utf8, string what) => Parse(utf8, what, "array", reader => JArray.Load(reader, Settings));

    /// <summary>Compact UTF-8 without a byte order mark.</summary>
    public static byte[] ToBytes(JToken token) => Encoding.UTF8.GetBytes(token.ToString(Formatting.None));

    /// <summary>The value of a field, or null where it is absent or of another type.</summary>
    public static string? Text(this JObject json, string field) => json[field] is JValue { Type: JTokenType.String } value ? (string?)value : null;

    /// <summary>A field of strings, in the order of the document.</summary>
    public static IReadOnlyList<string> Texts(this JObject json, string field) =>
        json[field] is JArray array ? [.. array.OfType<JValue>().Select(item => item.Value?.ToString() ?? "")] : [];

    /// <summary>A field that maps strings to strings (annotations, labels); empty where it is absent.</summary>
    public static IReadOnlyDictionary<string, string> Map(this JObject json, string field) =>
        json[field] is JObject map
            ? map.Properties().Where(property => property.Value is JValue)
                .ToDictionary(property => property.Name, property => property.Value.ToString(), StringComparer.Ordinal)
            : EmptyMap;

    /// <summary>A map as an object with its keys in ordinal order, so that equal maps give equal bytes.</summary>
    public static JObject FromMap(IReadOnlyDictionary<string, string> map) =>
        new(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new JProperty(pair.Key, pair.Value)));

    /// <summary>Adds the fields of <paramref name="source"/> that are none of <paramref name="known"/>: what another writer put there stays.</summary>
    public static void AddUnknown(this JObject json, JObject? source, IReadOnlyCollection<string> known)
    {
        foreach (var field in source?.Properties() ?? [])
        {
            if (!known.Contains(field.Name))
                json[field.Name] = field.Value.DeepClone();
        }
    }

    /// <summary>The map that has nothing.</summary>
    public static IReadOnlyDictionary<string, string> EmptyMap { get; } = new Dictionary<string, string>();

    private static T Parse<T>(ReadOnlySpan<byte> utf8, string what, string kind, Func<JsonReader, T> load)
    {
        try
        {
            JsonBounds.Require(utf8);
            using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(utf8)))
            {
                DateParseHandling = DateParseHandling.None,
                FloatParseHandling = FloatParseHandling.Decimal,
                MaxDepth = OciLimits.JsonDepth,
            };
            return load(reader);
        }
        catch (Exception e) when (e is JsonException or System.Text.Json.JsonException)
        {
            throw new InvalidImageException(what, $"is not a JSON {kind}: {Several.Beginning(e.Message)}", e);
        }
    }
}
