using System.Text.Json;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Registry;

/// <summary>
/// A page of a list of tags: <c>{"name":…,"tags":[…]}</c> (distribution-spec: Listing Tags). Some registries answer with all tags in one page, which is
/// why it is read without making a document of it.
/// </summary>
internal static class TagPage
{
    /// <summary>The tags; none where the field is null, as registries answer for a repository that has lost all of them.</summary>
    /// <param name="utf8">The answer.</param>
    /// <param name="name">What it is called in errors.</param>
    /// <exception cref="InvalidImageException">It is no JSON object, has something else than tags, or a tag that could not be asked for.</exception>
    public static IReadOnlyList<string> Parse(ReadOnlySpan<byte> utf8, string name)
    {
        try
        {
            return Read(new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = OciLimits.JsonDepth }), name);
        }
        // The second is what a text throws that is no Unicode.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidImageException(name, $"is not a JSON object: {Several.Beginning(e.Message)}", e);
        }
    }

    private static List<string> Read(Utf8JsonReader reader, string name)
    {
        List<string>? tags = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidImageException(name, "is not a JSON object");
        while (reader.Read())
        {
            if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("tags"))
                continue;
            if (tags is not null)
                throw new InvalidImageException(name, "has two lists of tags");
            reader.Read();
            tags = ReadTags(ref reader, name);
        }
        return tags ?? [];
    }

    private static List<string> ReadTags(ref Utf8JsonReader reader, string name)
    {
        var tags = new List<string>();
        if (reader.TokenType == JsonTokenType.Null)
            return tags;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidImageException(name, "has something else than a list of tags");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var tag = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new InvalidImageException(name, "has something else among its tags");
            // It becomes part of an address: one with .. in it would be another's.
            tags.Add(ImageReference.IsTag(tag) ? tag : throw new InvalidImageException(name, $"has '{Several.Beginning(tag)}', which is no tag"));
        }
        return tags;
    }
}
