using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry.Http;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>
/// Gets bearer tokens and keeps them, for the whole process, until shortly before they run out. Docker's token specification (GET with basic
/// authentication), and its OAuth2 twin (POST) for identity tokens.
/// </summary>
internal sealed class TokenSource(HttpMessageInvoker http, TimeProvider time)
{
    private const int MaximumBody = 1024 * 1024;
    private const string ClientId = "MultiArchImage";

    // The token specification: a token without expires_in lives this long.
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);

    // A request that starts now must still be let in when it arrives.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private static readonly ConcurrentDictionary<string, Lazy<Task<BearerToken>>> Tokens = new(StringComparer.Ordinal);

    /// <summary>A token for the scopes: one that is at hand, or a new one, for which requests that need the same wait together.</summary>
    public async Task<string> GetAsync(
        Challenge challenge, RegistryRequest request, RegistryCredential? credential, bool isPlainHttp, bool renew, CancellationToken cancel)
    {
        var key = Key(challenge, request, credential);
        if (Tokens.TryGetValue(key, out var known) && (renew || IsOver(known)))
            Tokens.TryRemove(new(key, known));
        // Several requests wait for it: none of them may take it with it when it is cancelled. Time bounds it.
        var source = Tokens.GetOrAdd(key, _ => new Lazy<Task<BearerToken>>(() => FetchAsync(challenge, request, credential, isPlainHttp, CancellationToken.None)));
        try
        {
            return (await source.Value.WaitAsync(cancel).ConfigureAwait(false)).Text;
        }
        catch
        {
            // A failure is not kept: the next request tries anew.
            Tokens.TryRemove(new(key, source));
            throw;
        }
    }

    private bool IsOver(Lazy<Task<BearerToken>> token) =>
        token is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } && token.Value.Result.Expires - Margin <= time.GetUtcNow();

    private async Task<BearerToken> FetchAsync(
        Challenge challenge, RegistryRequest request, RegistryCredential? credential, bool isPlainHttp, CancellationToken cancel)
    {
        var realm = Realm(challenge, request, isPlainHttp);
        using var message = credential is { IsIdentityToken: true }
            ? OAuth(realm, challenge, request, credential)
            : Plain(realm, challenge, request, credential);
        using var response = await http.SendAsync(message, cancel).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw await RefusedAsync(response, message, request, credential, cancel).ConfigureAwait(false);
        var json = Json.ParseObject(
            await BoundedContent.ReadAsync(response.Content, MaximumBody, "the token", cancel).ConfigureAwait(false), $"the token of {realm.Authority}");
        var text = json.Text("token") ?? json.Text("access_token")
            ?? throw new RegistryUnauthorizedException(request.Registry, request.Repository, $"{realm.Authority} answered without a token");
        var lifetime = json["expires_in"] is JValue { Value: long seconds and > 0 } ? TimeSpan.FromSeconds(seconds) : DefaultLifetime;
        return new BearerToken(text, time.GetUtcNow() + lifetime);
    }

    // A password goes to where the registry says; a registry must not be able to have it sent unprotected.
    private static Uri Realm(Challenge challenge, RegistryRequest request, bool isPlainHttp)
    {
        if (!Uri.TryCreate(challenge.Realm, UriKind.Absolute, out var realm) || realm.UserInfo.Length > 0)
            throw new RegistryUnauthorizedException(request.Registry, request.Repository, "its token server's address is none");
        return realm.Scheme == Uri.UriSchemeHttps || (realm.Scheme == Uri.UriSchemeHttp && (isPlainHttp || realm.IsLoopback))
            ? realm
            : throw new RegistryUnauthorizedException(request.Registry, request.Repository, $"its token server {realm.Scheme}://{realm.Authority} is not protected by TLS");
    }

    private static HttpRequestMessage Plain(Uri realm, Challenge challenge, RegistryRequest request, RegistryCredential? credential)
    {
        var query = new List<string>();
        if (challenge.Service is not null)
            query.Add($"service={Uri.EscapeDataString(challenge.Service)}");
        query.AddRange(request.Scopes.Select(scope => $"scope={Uri.EscapeDataString(scope)}"));
        if (credential is not null)
            query.Add($"account={Uri.EscapeDataString(credential.UserName)}");
        var uri = new UriBuilder(realm) { Query = string.Join('&', query.Prepend(realm.Query.TrimStart('?')).Where(part => part.Length > 0)) }.Uri;
        var message = request.Message(HttpMethod.Get, uri);
        if (credential is not null)
            message.Headers.Authorization = Basic(credential);
        return message;
    }

    private static HttpRequestMessage OAuth(Uri realm, Challenge challenge, RegistryRequest request, RegistryCredential credential)
    {
        var message = request.Message(HttpMethod.Post, realm);
        message.Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = credential.Secret,
            ["service"] = challenge.Service ?? "",
            ["client_id"] = ClientId,
            ["scope"] = string.Join(' ', request.Scopes),
        });
        return message;
    }

    /// <summary>The header of basic authentication.</summary>
    public static AuthenticationHeaderValue Basic(RegistryCredential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Secret}")));

    private static async Task<ImageException> RefusedAsync(
        HttpResponseMessage response, HttpRequestMessage message, RegistryRequest request, RegistryCredential? credential, CancellationToken cancel) =>
        response.StatusCode is System.Net.HttpStatusCode.Unauthorized or System.Net.HttpStatusCode.Forbidden or System.Net.HttpStatusCode.BadRequest
            ? new RegistryUnauthorizedException(request.Registry, request.Repository, Unauthorized.Reason(credential)) { Subject = request.Registry }
            : await RegistryFailure.OfAsync(response, message, cancel).ConfigureAwait(false);

    // Secrets are told apart without being kept as a key.
    private static string Key(Challenge challenge, RegistryRequest request, RegistryCredential? credential)
    {
        var identity = credential is null ? "" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{credential.UserName}\0{credential.Secret}")));
        return string.Create(CultureInfo.InvariantCulture, $"{challenge.Realm}\n{challenge.Service}\n{string.Join(' ', request.Scopes)}\n{identity}");
    }
}
