using System.Net;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry;

public sealed class RegistryInquiryTests : IDisposable
{
    private const string Password = "hidden-password";
    private readonly RegistryFixture _fixture = new() { Options = new() { MaximumRetryCount = 0, Timeout = TimeSpan.FromSeconds(5) } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [RegistryFact]
    public async Task A_registry_that_lets_us_in_is_told_with_its_API_and_our_name_in_two_requests()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync("jenkins", Password);
        var answer = await AskAsync(registry.Host, new RegistryCredential("jenkins", Password));
        Assert.Equal((true, true, "registry/2.0", "jenkins", null), (answer.IsReachable, answer.IsAuthorized, answer.ApiVersion, answer.UserName, answer.Problem));
        Assert.Equal(new Uri($"http://{registry.Host}/v2/"), answer.Uri);
        Assert.Equal(2, (await registry.TakeRequestsAsync()).Count);
    }

    [RegistryFact]
    public async Task A_wrong_password_is_told_and_no_failure()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync("jenkins", Password);
        var answer = await AskAsync(registry.Host, new RegistryCredential("jenkins", "hidden-wrong"));
        Assert.Equal((true, false), (answer.IsReachable, answer.IsAuthorized));
        Assert.Contains($"the password of user 'jenkins' was refused; run Connect-ArchRegistry {registry.Host}", answer.Problem);
        Assert.DoesNotContain("hidden", $"{answer}{answer.Problem}{string.Concat(_fixture.Sink.Lines)}");
    }

    [Fact]
    public async Task One_that_nobody_serves_is_not_reachable()
    {
        var answer = await AskAsync("127.0.0.1:1");
        Assert.Equal((false, null, null), (answer.IsReachable, answer.IsAuthorized, answer.UserName));
        Assert.Contains("nothing listens at 127.0.0.1:1", answer.Problem);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_registry_that_counts_pulls_says_how_many_are_left()
    {
        using var server = new AnsweringServer(context =>
        {
            context.Response.AddHeader("RateLimit-Limit", "100;w=21600");
            context.Response.AddHeader("RateLimit-Remaining", "76;w=21600");
            return "{}";
        });
        var answer = await AskAsync(server.Host);
        Assert.Equal((100, 76, TimeSpan.FromHours(6)), (answer.PullLimit, answer.PullsLeft, answer.PullWindow));
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task One_that_is_broken_answers_and_is_of_no_use()
    {
        using var server = new AnsweringServer(context =>
        {
            context.Response.StatusCode = (int)HttpStatusCode.InternalServerError;
            return "";
        });
        var answer = await AskAsync(server.Host);
        Assert.Equal((true, false), (answer.IsReachable, answer.IsAuthorized));
        Assert.Contains("answered GET /v2/ with 500", answer.Problem);
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_login_is_checked_with_a_new_token_and_brings_an_identity_token_to_keep()
    {
        using var tokens = new TokenServer("jenkins", Password) { GivesIdentityTokens = true };
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var login = new RegistryCredential("jenkins", Password);
        var kept = await _fixture.Client(login).LogInAsync(registry.Host, login, Cancel);
        Assert.Equal(new RegistryCredential("jenkins", tokens.IdentityToken, IsIdentityToken: true), kept);
        Assert.Equal(kept, await _fixture.Client(login).LogInAsync(registry.Host, login, Cancel));
        Assert.Equal(2, tokens.Requests.Count);
        Assert.Null(await _fixture.Client(kept).Open(ImageReference.Parse($"{registry.Host}/a")).ResolveAsync("1", Cancel));
        Assert.Equal("refresh_token", tokens.Requests.Last().Grant);
        var wrong = new RegistryCredential("jenkins", "wrong");
        await Assert.ThrowsAsync<RegistryUnauthorizedException>(() => _fixture.Client(wrong).LogInAsync(registry.Host, wrong, Cancel));
    }

    private Task<ArchRegistry> AskAsync(string registry, RegistryCredential? credential = null)
    {
        var resolver = new CredentialResolver(credential, _fixture.Environment);
        return new RegistryInquiry(new RegistryClient(_fixture.Options, resolver, _fixture.Sink), resolver).AskAsync(registry, Cancel);
    }
}
