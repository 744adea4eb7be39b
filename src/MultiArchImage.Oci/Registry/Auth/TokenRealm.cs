using System.Collections.Concurrent;
using System.Net;
using MultiArchImage.Oci.Registry.Http;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>
/// The server that a registry's challenge names. It gives tokens by GET (Docker's token specification) and by POST (its OAuth2 twin); one that
/// knows only one of them answers the other with 404 or 405, and is asked so no more.
/// </summary>
internal sealed class TokenRealm(HttpMessageInvoker http, TimeProvider time, RegistryOptions options)
{
    private const int MaximumBody = 1024 * 1024;

    // Of the process: what a server does not answer it will not answer the next command.
    private static readonly ConcurrentDictionary<(Uri Realm, HttpMethod Method), bool> Unanswered = new();

    /// <summary>Asks for a token.</summary>
    /// <param name="ask">Who asks for what.</param>
    /// <param name="request">The request that needs it.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="RegistryUnauthorizedException">The server refuses the credential.</exception>
    /// <exception cref="PlainHttpRefusedException">It would be asked without TLS.</exception>
    public async Task<TokenAnswer> AskAsync(TokenRequest ask, RegistryRequest request, CancellationToken cancel)
    {
        RequireProtected(ask.Realm, request);
        foreach (var method in ask.Methods.Where(method => !Unanswered.ContainsKey((ask.Realm, method))))
        {
            if (await TryAsync(method, ask, request, cancel).ConfigureAwait(false) is { } answer)
                return answer;
            Unanswered[(ask.Realm, method)] = true;
        }
        // None is left: it may have been away for a moment, and the next command tries anew.
        foreach (var method in ask.Methods)
            Unanswered.TryRemove((ask.Realm, method), out _);
        throw new RegistryErrorException(Name(ask, request), $"{ask.Methods[0]} {ask.Realm.AbsolutePath}", (int)HttpStatusCode.NotFound, null, "it gives no tokens there")
        {
            Subject = request.Registry,
        };
    }

    // A password goes to where the registry says; a registry must not be able to have it sent unprotected.
    private void RequireProtected(Uri realm, RegistryRequest request)
    {
        if (realm.Scheme != Uri.UriSchemeHttps && !realm.IsLoopback && !options.PlainHttp)
            throw new PlainHttpRefusedException($"{realm.Scheme}://{realm.Authority}, the token server of {request.Registry},") { Subject = request.Registry };
    }

    // Null where the server does not know the method.
    private async Task<TokenAnswer?> TryAsync(HttpMethod method, TokenRequest ask, RegistryRequest request, CancellationToken cancel)
    {
        // In failures it goes by its own name: it may be away while the registry is there.
        using var message = ask.ToMessage(method, new RegistryRequest(Name(ask, request), null, []) { Document = new(Name(ask, request), MaximumBody) });
        try
        {
            var asked = time.GetUtcNow();
            using var response = await http.SendAsync(message, cancel).ConfigureAwait(false);
            return response switch
            {
                { IsSuccessStatusCode: true } => await ReadAsync(response, message, asked, cancel).ConfigureAwait(false),
                { StatusCode: HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed } => null,
                _ when IsRefusal(response.StatusCode, method) =>
                    throw new RegistryUnauthorizedException(request.Registry, request.Repository, Unauthorized.Reason(ask.Credential)) { Subject = request.Registry },
                _ => throw await RegistryFailure.OfAsync(response, message, cancel).ConfigureAwait(false),
            };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            throw RegistryFailure.Of(e, message, options.Timeout);
        }
    }

    // RFC 6749, 5.2: a grant that is not accepted is 400.
    private static bool IsRefusal(HttpStatusCode status, HttpMethod method) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden || (status is HttpStatusCode.BadRequest && method == HttpMethod.Post);

    private static async Task<TokenAnswer> ReadAsync(HttpResponseMessage response, HttpRequestMessage message, DateTimeOffset asked, CancellationToken cancel)
    {
        var what = RegistryRequest.Of(message).Registry;
        var body = await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
        return Parse(body) ?? throw new RegistryErrorException(what, RegistryFailure.Describe(message), (int)response.StatusCode, null, "there is no token in it") { Subject = what };

        TokenAnswer? Parse(byte[] bytes)
        {
            try
            {
                return TokenAnswer.Parse(bytes, asked, response.Headers.Date);
            }
            catch (InvalidImageException)
            {
                // The message of the parser can quote the text, which can be a token.
                return null;
            }
        }
    }

    private static string Name(TokenRequest ask, RegistryRequest request) => $"{request.Registry}'s token server {ask.Realm.Authority}";
}
