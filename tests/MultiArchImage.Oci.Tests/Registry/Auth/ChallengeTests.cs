using System.Net;
using MultiArchImage.Oci.Registry.Auth;

namespace MultiArchImage.Oci.Tests.Registry.Auth;

/// <summary>Challenges as registries write them, and as RFC 9110 lets them be written.</summary>
public sealed class ChallengeTests
{
    [Theory]
    [InlineData("""Bearer realm="https://auth.example/token",service="r.example",scope="repository:a:pull,push" """, "https://auth.example/token", "r.example", "repository:a:pull,push")]
    [InlineData("""bearer  REALM = "https://auth.example/token" , error="invalid_token" """, "https://auth.example/token", null, null)]
    [InlineData("""Basic realm="a, Bearer realm=\"no\"", Bearer realm="https://auth.example/a,b?c=d",service=s""", "https://auth.example/a,b?c=d", "s", null)]
    [InlineData("""Negotiate abc==, Bearer realm=https://auth.example/token,service="say \"hi\" \\" """, "https://auth.example/token", "say \"hi\" \\", null)]
    [InlineData("""Bearer realm="https://first.example",realm="https://second.example" """, "https://first.example", null, null)]
    [InlineData("""Bearer realm="https://auth.example/token",service="cut off""", "https://auth.example/token", null, null)]
    public void A_bearer_challenge_is_found_with_its_parameters(string field, string realm, string? service, string? scope) =>
        Assert.Equal((realm, service, scope), Of([field]) is { IsBearer: true } found ? (found.Realm!, found.Service, found.Scope) : default);

    [Fact]
    public void Fields_of_their_own_are_as_good_as_commas() =>
        Assert.Equal("https://auth.example", Of(["""Basic realm="x" """, "NTLM", """Bearer realm="https://auth.example" """])!.Realm);

    [Theory]
    [InlineData("BASIC")]
    [InlineData("""Basic realm="two words", charset="UTF-8" """)]
    [InlineData("""Bearer service="has no realm", Basic realm="x" """)]
    public void Basic_is_taken_where_no_token_can_be_had(string field) => Assert.True(Of([field])!.IsBasic);

    [Theory]
    [InlineData("")]
    [InlineData(",,, ,")]
    [InlineData("realm=\"x\"")]
    [InlineData("Negotiate")]
    [InlineData("Digest realm=\"x\", nonce=\"y\"")]
    [InlineData("\"Bearer realm=x\"")]
    public void What_cannot_be_met_is_none(string field) => Assert.Null(Of([field]));

    [Fact]
    public void A_long_field_takes_no_long_time()
    {
        var start = System.Diagnostics.Stopwatch.StartNew();
        foreach (var part in new[] { "a ", "a=", "a=\"\\", "Basic ", "a=a,", "\"", ".=" })
            Of([string.Concat(Enumerable.Repeat(part, 20_000))]);
        Assert.True(start.Elapsed < TimeSpan.FromSeconds(5), $"{start.Elapsed}");
    }

    private static Challenge? Of(IEnumerable<string> fields)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Unauthorized);
        foreach (var field in fields)
            response.Headers.TryAddWithoutValidation("WWW-Authenticate", field);
        return Challenge.Of(response);
    }
}
