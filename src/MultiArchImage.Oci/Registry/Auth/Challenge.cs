using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>What a registry asks for in <c>WWW-Authenticate</c> (RFC 9110, 11.6.1; Docker's token specification).</summary>
internal sealed partial record Challenge(string Scheme, string? Realm, string? Service)
{
    public bool IsBearer => Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase);

    public bool IsBasic => Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase);

    /// <summary>The challenge of an answer that can be met: Bearer before Basic; null where there is none.</summary>
    public static Challenge? Of(HttpResponseMessage response)
    {
        var challenges = response.Headers.WwwAuthenticate.Select(Parse).ToList();
        return challenges.Find(challenge => challenge is { IsBearer: true, Realm: not null }) ?? challenges.Find(challenge => challenge.IsBasic);
    }

    /// <summary>Reads one challenge.</summary>
    public static Challenge Parse(AuthenticationHeaderValue header)
    {
        var parameters = Parameter().Matches(header.Parameter ?? "")
            .DistinctBy(match => match.Groups["name"].Value, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(match => match.Groups["name"].Value, Value, StringComparer.OrdinalIgnoreCase);
        return new Challenge(header.Scheme, parameters.GetValueOrDefault("realm"), parameters.GetValueOrDefault("service"));
    }

    private static string Value(Match match) =>
        match.Groups["quoted"].Success ? Escape().Replace(match.Groups["quoted"].Value, "$1") : match.Groups["token"].Value;

    [GeneratedRegex("""(?<name>[A-Za-z0-9_-]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<token>[^\s,"]+))""")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escape();
}
