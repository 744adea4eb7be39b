namespace MultiArchImage;

/// <summary>Names and texts of documents in messages: a hostile or broken one has thousands, or megabytes, and a person reads a few.</summary>
internal static class Several
{
    private const int Shown = 12;
    private const int Characters = 200;

    /// <summary>The different names with commas between, and how many more there are.</summary>
    public static string Of<T>(IEnumerable<T> names)
    {
        var different = names.Select(name => $"{name}").Distinct(StringComparer.Ordinal).ToList();
        var more = different.Count - Shown;
        return string.Join(", ", different.Take(Shown)) + (more > 0 ? $" and {more} more" : "");
    }

    /// <summary>A text that may be long, as far as a person reads it.</summary>
    public static string Beginning(string text) => text.Length > Characters ? $"{text[..Characters]}…" : text;
}
