using System.Globalization;
using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>What a token server gave.</summary>
/// <param name="Token">The token.</param>
/// <param name="RefreshToken">An identity token for more of them; null where it gave none. A secret.</param>
internal sealed record TokenAnswer(BearerToken Token, string? RefreshToken)
{
    // Headers of 16 KB are more than most registries take.
    private const int MaximumToken = 64 * 1024;
    private const int LongestLifetime = 365 * 24 * 60 * 60;

    // The token specification: a token without expires_in lives this long.
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);

    /// <summary>Reads an answer; null where it holds no token.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="asked">When it was asked for, by this machine's clock.</param>
    /// <param name="answered">When it was answered, by the server's clock; null where it does not say.</param>
    /// <exception cref="InvalidImageException">It is no JSON.</exception>
    public static TokenAnswer? Parse(byte[] body, DateTimeOffset asked, DateTimeOffset? answered)
    {
        var json = Json.ParseObject(body, "the answer");
        // The token specification: either name, or both with the same value.
        var text = json.Text("token") is { Length: > 0 } token ? token : json.Text("access_token");
        if (text is not { Length: > 0 and <= MaximumToken } || !text.All(character => character is > ' ' and <= '~'))
            return null;
        var lifetime = json["expires_in"] is JValue { Value: long seconds and > 0 } ? TimeSpan.FromSeconds(Math.Min(seconds, LongestLifetime)) : DefaultLifetime;
        // A token may have lain in a cache of the server's. Its age is told by one clock, so that two that differ do no harm.
        var age = Issued(json) is { } issued && (answered ?? asked) - issued is var since && since > TimeSpan.Zero && since < lifetime ? since : TimeSpan.Zero;
        return new TokenAnswer(new BearerToken(text, asked + lifetime - age, lifetime), json.Text("refresh_token") is { Length: > 0 } refresh ? refresh : null);
    }

    private static DateTimeOffset? Issued(JObject json) =>
        DateTimeOffset.TryParse(json.Text("issued_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var issued) ? issued : null;

    /// <summary>That it is an answer, and never which token.</summary>
    public override string ToString() => $"{Token}";
}
