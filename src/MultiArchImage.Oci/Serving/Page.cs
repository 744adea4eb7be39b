namespace MultiArchImage.Oci.Serving;

/// <summary>A part of a list of names, which is in "lexical order (i.e. case-insensitive alphanumeric order)" (distribution-spec: Listing Tags).</summary>
/// <param name="Count">How many names; null for all that are left.</param>
/// <param name="Last">The name before the first; null for the beginning.</param>
internal sealed record Page(int? Count, string? Last)
{
    private static readonly Comparer<string> Lexical = Comparer<string>.Create(
        (one, other) => string.Compare(one, other, StringComparison.OrdinalIgnoreCase) is var order and not 0 ? order : string.CompareOrdinal(one, other));

    /// <summary>Takes the page of a list, and the headers that lead to the next one.</summary>
    /// <param name="names">The whole list.</param>
    /// <param name="path">The list's own path.</param>
    public (IReadOnlyList<string> Names, (string Name, string Value)[] Headers) Of(IEnumerable<string> names, string path)
    {
        var rest = names.Where(name => Last is null || Lexical.Compare(name, Last) > 0).Order(Lexical).ToList();
        if (Count is not { } count || rest.Count <= count)
            return (rest, []);
        // After no names there is no next page that would not be this one again.
        return count == 0
            ? ([], [])
            : (rest[..count], [("Link", $"<{path}?n={count}&last={Uri.EscapeDataString(rest[count - 1])}>; rel=\"next\"")]);
    }
}
