using System.Text.RegularExpressions;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>What a registry asks for in <c>WWW-Authenticate</c> (RFC 9110, 11.6.1; Docker's token specification).</summary>
/// <param name="Scheme">The scheme, in any case: <c>Bearer</c>, <c>Basic</c>.</param>
/// <param name="Realm">The token server of a Bearer challenge.</param>
/// <param name="Service">What the token server calls the registry.</param>
/// <param name="Scope">What the request that was refused needs, scopes with spaces between.</param>
internal sealed partial record Challenge(string Scheme, string? Realm = null, string? Service = null, string? Scope = null)
{
    private const string Header = "WWW-Authenticate";

    public bool IsBearer => Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase);

    public bool IsBasic => Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase);

    /// <summary>The challenge of an answer that can be met: Bearer before Basic; null where there is none.</summary>
    public static Challenge? Of(HttpResponseMessage response)
    {
        // Not as HttpHeaders reads it: it drops a field that is wrong in any part.
        var challenges = response.Headers.NonValidated.TryGetValues(Header, out var fields) ? fields.SelectMany(Parse).ToList() : [];
        return challenges.Find(challenge => challenge is { IsBearer: true, Realm: not null }) ?? challenges.Find(challenge => challenge.IsBasic);
    }

    /// <summary>Reads the challenges of one field: several with commas between, as the parameters of each have.</summary>
    public static IReadOnlyList<Challenge> Parse(string field)
    {
        var challenges = new List<Challenge>();
        foreach (var match in Item().Matches(field).Cast<Match>())
        {
            if (match.Groups["scheme"].Success)
                challenges.Add(new Challenge(match.Groups["scheme"].Value));
            else if (challenges.Count > 0)
                challenges[^1] = challenges[^1].With(match.Groups["name"].Value.ToLowerInvariant(), Value(match));
        }
        return challenges;
    }

    // RFC 9110, 11.2: a parameter stands once; of several the first counts.
    private Challenge With(string name, string value) => name switch
    {
        "realm" when Realm is null => this with { Realm = value },
        "service" when Service is null => this with { Service = value },
        "scope" when Scope is null => this with { Scope = value },
        _ => this,
    };

    private static string Value(Match match) =>
        match.Groups["quoted"].Success ? Escape().Replace(match.Groups["quoted"].Value, "$1") : match.Groups["value"].Value;

    // A parameter, or else a scheme with its token68. Values without quotes may hold more than a token: registries write URLs so.
    [GeneratedRegex("""
        \G[\s,]*(?:
            (?<name>[\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<value>[^\s,"=][^\s,"]*))
          | (?<scheme>[\w!#$%&'*+.^`|~-]+)(?:\s+[\w.~+/-]+=*(?=\s*(?:,|$)))?(?=[\s,]|$))
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Item();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escape();
}
