namespace MultiArchImage;

/// <summary>Lists of names in messages: a hostile or broken document has thousands, and a person reads a few.</summary>
internal static class Several
{
    private const int Shown = 12;

    /// <summary>The different names with commas between, and how many more there are.</summary>
    public static string Of<T>(IEnumerable<T> names)
    {
        var different = names.Select(name => $"{name}").Distinct(StringComparer.Ordinal).ToList();
        var more = different.Count - Shown;
        return string.Join(", ", different.Take(Shown)) + (more > 0 ? $" and {more} more" : "");
    }
}
