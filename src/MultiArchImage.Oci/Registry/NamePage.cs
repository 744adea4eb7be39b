using System.Text.Json;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Registry;

/// <summary>
/// A page of a list of names: <c>{"name":…,"tags":[…]}</c> (distribution-spec: Listing Tags) and its like. Some registries answer with all in one page,
/// which is why it is read without making a document of it.
/// </summary>
/// <param name="Field">The field that holds them.</param>
/// <param name="Word">What one is called in errors.</param>
/// <param name="IsName">Whether a text is one.</param>
internal sealed record NamePage(string Field, string Word, Func<string, bool> IsName)
{
    /// <summary>A page of the tags of a repository.</summary>
    public static NamePage OfTags { get; } = new("tags", "tag", ImageReference.IsTag);

    /// <summary>A page of the repositories of a registry (Docker Registry HTTP API V2: Catalog).</summary>
    public static NamePage OfRepositories { get; } = new("repositories", "repository", ImageReference.IsRepository);

    /// <summary>The names; none where the field is null, as registries answer for a repository that has lost all its tags.</summary>
    /// <param name="utf8">The answer.</param>
    /// <param name="name">What it is called in errors.</param>
    /// <exception cref="InvalidImageException">It is no JSON object, has something else than names, or one that could not be asked for.</exception>
    public IReadOnlyList<string> Parse(ReadOnlySpan<byte> utf8, string name)
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

    private List<string> Read(Utf8JsonReader reader, string name)
    {
        List<string>? found = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidImageException(name, "is not a JSON object");
        while (reader.Read())
        {
            if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(Field))
                continue;
            if (found is not null)
                throw new InvalidImageException(name, $"has two lists of {Field}");
            reader.Read();
            found = ReadNames(ref reader, name);
        }
        return found ?? [];
    }

    private List<string> ReadNames(ref Utf8JsonReader reader, string name)
    {
        var names = new List<string>();
        if (reader.TokenType == JsonTokenType.Null)
            return names;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidImageException(name, $"has something else than a list of {Field}");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var found = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new InvalidImageException(name, $"has something else among its {Field}");
            // It becomes part of an address: one with .. in it would be another's.
            names.Add(IsName(found) ? found : throw new InvalidImageException(name, $"has '{Several.Beginning(found)}', which is no {Word}"));
        }
        return names;
    }
}
