using System.Text.Json;

namespace MultiArchImage.Oci.Model;

/// <summary>
/// Holds a text against the grammar (RFC 8259) and against bounds before anything is made of it. What is made of it takes up to a hundred times its
/// bytes, and a more lenient reader would see in it what engines do not: comments, fields without quotes, a second document behind the first.
/// </summary>
internal static class JsonBounds
{
    // Documents of the specification have a digest, a name or a command where they have a value; a list of single digits is there to fill the memory.
    private const int BytesPerValue = 16;
    private const int ValuesOfAny = 10_000;

    // No number of a document goes past 20; the double with the most digits has some more.
    private const int LongestNumber = 100;

    /// <exception cref="JsonException">The text is not one JSON document, nested too deep, or has more values than its length is good for.</exception>
    public static void Require(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = OciLimits.JsonDepth });
        var left = ValuesOfAny + (utf8.Length / BytesPerValue);
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray) && --left < 0)
                throw new JsonException($"it has more than {ValuesOfAny} values, and less than {BytesPerValue} bytes for each");
            if (reader.TokenType == JsonTokenType.Number && reader.ValueSpan.Length > LongestNumber)
                throw new JsonException($"it has a number of {reader.ValueSpan.Length} digits");
        }
    }
}
