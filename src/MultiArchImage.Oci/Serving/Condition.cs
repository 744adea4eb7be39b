using System.Collections.Specialized;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Serving;

/// <summary>A condition on what a tag holds (RFC 9110, 13.1); the entity tag of a manifest is its digest.</summary>
/// <param name="Match"><c>If-Match</c>: one of these, or <c>*</c> for anything; null for no condition.</param>
/// <param name="NoneMatch"><c>If-None-Match</c>: none of these, or <c>*</c> for nothing; null for no condition.</param>
internal sealed record Condition(IReadOnlyList<string>? Match, IReadOnlyList<string>? NoneMatch)
{
    private const string Any = "*";

    /// <summary>The condition of a request.</summary>
    public static Condition Of(NameValueCollection headers) => new(Tags(headers["If-Match"]), Tags(headers["If-None-Match"]));

    /// <summary>Whether a write may replace what is there.</summary>
    /// <param name="current">What is there; null for nothing.</param>
    public bool Allows(Descriptor? current) => current is null
        ? Match is null
        : MayMatch(current.Digest) && MayDiffer(current.Digest);

    /// <summary>Whether <c>If-Match</c> is met by what is there.</summary>
    public bool MayMatch(Digest current) => Match is null || Has(Match, current);

    /// <summary>Whether <c>If-None-Match</c> is met by what is there.</summary>
    public bool MayDiffer(Digest current) => NoneMatch is null || !Has(NoneMatch, current);

    private static bool Has(IReadOnlyList<string> tags, Digest digest) => tags.Contains(Any) || tags.Contains($"{digest}");

    // No digest has a comma; a weak tag (W/) of a document that is its digest is as good as a strong one.
    private static List<string>? Tags(string? header) =>
        header?.Split(',', StringSplitOptions.TrimEntries).Select(tag => (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"')).ToList();
}
