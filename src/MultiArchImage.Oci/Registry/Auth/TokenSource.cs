using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MultiArchImage.Oci.Registry.Http;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>Gets bearer tokens and keeps them, for the whole process, until shortly before they run out.</summary>
internal sealed class TokenSource(TokenRealm realm, TimeProvider time)
{
    private static readonly ConcurrentDictionary<(Uri Realm, string? Service, string Identity), TokenShelf> Shelves = new();

    /// <summary>A token for what a request needs.</summary>
    /// <param name="challenge">What the registry asks for.</param>
    /// <param name="request">The request.</param>
    /// <param name="credential">Who one is; null for anonymous.</param>
    /// <param name="rejected">The token that the registry did not take; null where none was shown.</param>
    /// <param name="cancel">Ends this wait, and not that of other requests for the same token.</param>
    public async Task<string> GetAsync(Challenge challenge, RegistryRequest request, RegistryCredential? credential, string? rejected, CancellationToken cancel)
    {
        var ask = new TokenRequest(Realm(challenge, request), challenge.Service, TokenScopes.Of(request.Scopes).With(challenge), credential, request.IsLogin);
        var shelf = Shelf(ask);
        // Nobody may take a token with him that others wait for: time bounds it, not a cancellation. A login is asked about and not remembered.
        var token = request.IsLogin
            ? FetchAsync(ask, shelf, request)
            : shelf.Take(ask.Scopes, rejected, time.GetUtcNow(), () => FetchAsync(ask, shelf, request));
        return (await token.WaitAsync(cancel).ConfigureAwait(false)).Text;
    }

    /// <summary>The identity token that a login brought, which is stored instead of the password, as <c>docker login</c> does; null for none.</summary>
    public static string? RefreshToken(Challenge challenge, RegistryCredential credential) =>
        Uri.TryCreate(challenge.Realm, UriKind.Absolute, out var address)
            ? Shelf(new TokenRequest(address, challenge.Service, TokenScopes.Of([]), credential)).RefreshToken
            : null;

    /// <summary>Whether a challenge names a token server, if it needs one.</summary>
    public static bool IsMeetable(Challenge challenge) => !challenge.IsBearer || TryRealm(challenge) is not null;

    private async Task<BearerToken> FetchAsync(TokenRequest ask, TokenShelf shelf, RegistryRequest request)
    {
        var answer = (ask.WantsRefreshToken ? null : await TryRefreshAsync(ask, shelf, request).ConfigureAwait(false))
            ?? await realm.AskAsync(ask, request, CancellationToken.None).ConfigureAwait(false);
        shelf.RefreshToken = answer.RefreshToken ?? shelf.RefreshToken;
        return answer.Token;
    }

    // Where the identity token is refused, because it ran out or was revoked, the credential itself decides.
    private async Task<TokenAnswer?> TryRefreshAsync(TokenRequest ask, TokenShelf shelf, RegistryRequest request)
    {
        if (ask.Credential is null || shelf.RefreshToken is not { } refresh)
            return null;
        try
        {
            var identity = new RegistryCredential("", refresh, IsIdentityToken: true);
            return await realm.AskAsync(ask with { Credential = identity }, request, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RegistryUnauthorizedException)
        {
            shelf.RefreshToken = null;
            return null;
        }
    }

    private static Uri Realm(Challenge challenge, RegistryRequest request) =>
        TryRealm(challenge) ?? throw new RegistryUnauthorizedException(request.Registry, request.Repository, "it names a token server without an https address") { Subject = request.Registry };

    private static Uri? TryRealm(Challenge challenge) =>
        Uri.TryCreate(challenge.Realm, UriKind.Absolute, out var realm)
        && (realm.Scheme == Uri.UriSchemeHttps || realm.Scheme == Uri.UriSchemeHttp) && realm.UserInfo.Length == 0
            ? realm
            : null;

    private static TokenShelf Shelf(TokenRequest ask) => Shelves.GetOrAdd((ask.Realm, ask.Service, Identity(ask.Credential)), _ => new TokenShelf());

    // Secrets are told apart without being kept as a key.
    private static string Identity(RegistryCredential? credential) =>
        credential is null ? "" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{credential.UserName}\0{credential.Secret}")));
}
