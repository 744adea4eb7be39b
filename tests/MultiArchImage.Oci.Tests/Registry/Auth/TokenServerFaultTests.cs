using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry.Auth;

/// <summary>Token servers that give what no real one does, and addresses that no password may go to.</summary>
[Needs(Part.HttpListener)]
public sealed class TokenServerFaultTests : IDisposable
{
    private const string Secret = "hidden-secret";
    private readonly RegistryFixture _fixture = new() { Options = new() { MaximumRetryCount = 0, Timeout = TimeSpan.FromSeconds(5) } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("http://auth.example/token")]
    [InlineData("http://auth.example:443/token")]
    public async Task A_realm_without_TLS_gets_no_password(string realm)
    {
        using var registry = Registry(realm);
        var failure = await Assert.ThrowsAsync<PlainHttpRefusedException>(() => ResolveAsync(registry));
        Assert.Contains($"the token server of {registry.Host}, would be spoken to over plain HTTP; give -PlainHttp if that is meant", failure.Message);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("")]
    [InlineData("//auth.example/token")]
    [InlineData("ftp://127.0.0.1/token")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:password@auth.example/token")]
    public async Task A_realm_that_is_no_address_is_named(string realm)
    {
        using var registry = Registry(realm);
        Assert.Contains("without an https address", (await Assert.ThrowsAsync<RegistryUnauthorizedException>(() => ResolveAsync(registry))).Message);
    }

    [Theory]
    [InlineData("""{"token":"given","expires_in":60}""", null)]
    [InlineData("""{"access_token":"given","expires_in":-1,"issued_at":"rubbish"}""", null)]
    [InlineData("""{"token":"","access_token":"given","issued_at":"1970-01-01T00:00:00Z"}""", null)]
    [InlineData("""{"token":"gi\r\nven"}""", "there is no token in it")]
    [InlineData("""{"token":17}""", "there is no token in it")]
    [InlineData("""{"token":hidden-token}""", "there is no token in it")]
    [InlineData("", "there is no token in it")]
    public async Task An_answer_is_a_token_or_a_failure_that_names_the_server(string answer, string? problem)
    {
        using var server = new AnsweringServer(_ => answer);
        using var registry = Registry($"http://{server.Host}/token");
        if (problem is null)
        {
            Assert.Null(await ResolveAsync(registry));
            return;
        }
        var failure = await Assert.ThrowsAsync<RegistryErrorException>(() => ResolveAsync(registry));
        Assert.Contains($"{registry.Host}'s token server {server.Host} answered GET /token with 200: {problem}", failure.Message);
        Assert.DoesNotContain("hidden", $"{failure}{string.Concat(_fixture.Sink.Lines)}");
    }

    [Fact]
    public async Task A_server_that_is_away_is_told_apart_from_the_registry()
    {
        using var registry = Registry("http://127.0.0.1:1/token");
        var failure = await Assert.ThrowsAsync<RegistryUnreachableException>(() => ResolveAsync(registry));
        Assert.Contains($"{registry.Host}'s token server 127.0.0.1:1: nothing listens", failure.Message);
    }

    [Fact]
    public async Task A_server_that_gives_no_tokens_at_all_is_asked_anew_by_the_next_command()
    {
        var isAway = true;
        using var server = new AnsweringServer(context =>
        {
            context.Response.StatusCode = isAway ? 404 : 200;
            return """{"token":"given"}""";
        });
        using var registry = Registry($"http://{server.Host}/token");
        Assert.Contains("it gives no tokens there", (await Assert.ThrowsAsync<RegistryErrorException>(() => ResolveAsync(registry))).Message);
        isAway = false;
        Assert.Null(await ResolveAsync(registry));
    }

    [Fact]
    public async Task A_registry_that_wants_no_tokens_any_more_gets_none()
    {
        var isGuarded = true;
        using var server = new AnsweringServer(context =>
        {
            context.Response.StatusCode = isGuarded ? 200 : 404;
            return """{"token":"given"}""";
        });
        using var registry = new AnsweringServer(context =>
        {
            if (isGuarded && context.Request.Headers["Authorization"] != "Bearer given")
                return Refuse(context, $"http://{server.Host}/token", "");
            context.Response.StatusCode = (int)HttpStatusCode.NotFound;
            return "";
        });
        Assert.Null(await ResolveAsync(registry));
        isGuarded = false;
        Assert.Null(await _fixture.Open($"{registry.Host}/b", new RegistryCredential("other", Secret)).ResolveAsync("1", Cancel));
    }

    [Theory]
    [InlineData("invalid_token")]
    [InlineData("insufficient_scope")]
    public async Task A_token_that_is_never_taken_is_asked_for_twice_and_no_more(string error)
    {
        var (asked, refused) = (0, 0);
        using var server = new AnsweringServer(_ => $$"""{"token":"given-{{asked++}}"}""");
        using var registry = new AnsweringServer(context =>
        {
            refused++;
            return Refuse(context, $"http://{server.Host}/token", $",error=\"{error}\"");
        });
        var client = _fixture.Open($"{registry.Host}/a", new RegistryCredential("user", Secret));
        await Assert.ThrowsAsync<RegistryUnauthorizedException>(() => client.ResolveAsync("1", Cancel));
        Assert.Equal((1, 2), (asked, refused));
        await Assert.ThrowsAsync<RegistryUnauthorizedException>(() => client.ResolveAsync("1", Cancel));
        Assert.Equal((2, 4), (asked, refused));
    }

    [Fact]
    public async Task What_a_challenge_asks_besides_is_in_the_token()
    {
        var scopes = new List<string?>();
        using var server = new AnsweringServer(context =>
        {
            scopes.Add(context.Request.QueryString["scope"]);
            return """{"token":"given"}""";
        });
        using var registry = Registry($"http://{server.Host}/token", """,scope="repository:a:pull,delete registry:catalog:*" """);
        Assert.Null(await ResolveAsync(registry));
        Assert.Equal(["repository:a:pull,delete,registry:catalog:*"], scopes);
    }

    private Task<Descriptor?> ResolveAsync(AnsweringServer registry) =>
        _fixture.Open($"{registry.Host}/a", new RegistryCredential("user", Secret)).ResolveAsync("1", Cancel);

    // A registry that is empty for who has the token.
    private static AnsweringServer Registry(string realm, string more = "") => new(context =>
    {
        if (context.Request.Headers["Authorization"] != "Bearer given")
            return Refuse(context, realm, more);
        context.Response.StatusCode = (int)HttpStatusCode.NotFound;
        return "";
    });

    private static string Refuse(HttpListenerContext context, string realm, string more)
    {
        context.Response.StatusCode = (int)HttpStatusCode.Unauthorized;
        context.Response.AddHeader("WWW-Authenticate", $"Bearer realm=\"{realm}\",service=\"s\"{more}");
        return "";
    }
}
