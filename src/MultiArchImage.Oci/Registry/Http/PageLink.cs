using System.Text.RegularExpressions;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>Where the next page of a list is (RFC 8288: Web Linking; distribution-spec: Listing Tags).</summary>
internal static partial class PageLink
{
    private const string Header = "Link";

    /// <summary>
    /// The target of <c>Link: &lt;url&gt;; rel="next"</c>; null where there is none. It is the page's own host, asked as the page was: a registry behind
    /// a proxy may know neither its port nor that it is reached over TLS.
    /// </summary>
    /// <exception cref="InvalidImageException">It is on another host, which would get the credentials, or no address. Without it the list would not be whole.</exception>
    public static Uri? Next(HttpResponseMessage response, Uri page)
    {
        // Not as HttpHeaders reads it, for it takes a comma in an address for the end of the field.
        var fields = response.Headers.NonValidated.TryGetValues(Header, out var values) ? values.SelectMany(Parse) : [];
        if (fields.FirstOrDefault(link => IsNext(link.Relation)).Target is not { } target)
            return null;
        if (!Uri.TryCreate(page, target, out var next) || next.Scheme is not ("https" or "http"))
            throw new InvalidImageException($"a list of {page.Authority}", $"goes on at '{Several.Beginning(target)}', which is no address");
        return next.Host == page.Host && (next.Authority == page.Authority || next.IsDefaultPort)
            // Put together as text: a path that begins with two slashes would be another host's.
            ? new Uri(page.GetLeftPart(UriPartial.Authority) + next.PathAndQuery)
            : throw new InvalidImageException($"a list of {page.Authority}", $"goes on at {Several.Beginning(next.Authority)}, another host, which is not asked");
    }

    /// <summary>Reads the links of one field: several with commas between. What is none ends it.</summary>
    public static IReadOnlyList<(string Target, string Relation)> Parse(string field) =>
        [.. Link().Matches(field).Select(link => (link.Groups["target"].Value.Trim(), RelationOf(link)))];

    // RFC 8288, 3.3: a parameter stands once; of several the first counts.
    private static string RelationOf(Match link)
    {
        var names = link.Groups["name"].Captures;
        for (var index = 0; index < names.Count; index++)
        {
            if (names[index].Value.Equals("rel", StringComparison.OrdinalIgnoreCase))
                return Unquoted(link.Groups["value"].Captures[index].Value);
        }
        return "";
    }

    private static string Unquoted(string value) => value.StartsWith('"') ? Escape().Replace(value[1..^1], "$1") : value;

    private static bool IsNext(string relation) => relation.Split(' ').Contains("next", StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex("""
        \G[\s,]*<(?<target>[^<>]*)>
        (?:\s*;\s*(?<name>[\w!#$%&'*+.^`|~-]+)\s*=\s*(?<value>"(?:[^"\\]|\\.)*"|[^\s,;"]+))*\s*(?=,|$)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escape();
}
