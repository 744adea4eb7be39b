using System.Net;
using System.Net.Http.Headers;
using MultiArchImage.Oci.Registry.Auth;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>
/// Meets the registry's challenge, which the first real 401 states: nothing is asked beforehand. From then on every request to that registry
/// carries its header at once.
/// </summary>
internal sealed class AuthenticateHandler(CredentialResolver credentials, TokenSource tokens, Func<string, Uri> api) : DelegatingHandler
{
    /// <summary>Of the process: what a registry asks for does not change between commands.</summary>
    public static KnownChallenges Challenges { get; } = new();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // An upload's Location may be another host's, which must not get the registry's credentials by asking for them.
        if (!IsRegistry(request, request.RequestUri!))
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var (response, challenge) = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        if (challenge is null)
            return response;
        response.Dispose();
        // The same header a second time would be refused a second time; a token may only have run out, or allow too little.
        var refused = request.Headers.Authorization;
        await AuthorizeAsync(request, challenge, refused, cancellationToken).ConfigureAwait(false);
        if (request.Headers.Authorization is null || request.Headers.Authorization.Equals(refused))
            throw await RefusedAsync(request, challenge, cancellationToken).ConfigureAwait(false);
        response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !IsRegistry(request, response.RequestMessage!.RequestUri!))
            return response;
        response.Dispose();
        throw await RefusedAsync(request, challenge, cancellationToken).ConfigureAwait(false);
    }

    // The answer, and the challenge that is to be met where it is a 401.
    private async Task<(HttpResponseMessage Response, Challenge? Challenge)> AskAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var authority = request.RequestUri!.GetLeftPart(UriPartial.Authority);
        using var turn = await TurnAsync(request, authority, cancel).ConfigureAwait(false);
        request.Headers.Authorization = null;
        if (Challenges.Of(authority) is { } known)
            await TryAuthorizeAsync(request, authority, known, cancel).ConfigureAwait(false);
        var response = await base.SendAsync(request, cancel).ConfigureAwait(false);
        // A host that a read was redirected to must not get them either: its challenge is not the registry's.
        if (response.StatusCode != HttpStatusCode.Unauthorized || !IsRegistry(request, response.RequestMessage!.RequestUri!) || Challenge.Of(response) is not { } challenge)
            return (response, null);
        if (TokenSource.IsMeetable(challenge))
            Challenges.Learn(authority, challenge);
        return (response, challenge);
    }

    // What a registry asked for once is a guess at what it asks for now: where it cannot be met, the registry is asked anew.
    private async Task TryAuthorizeAsync(HttpRequestMessage request, string authority, Challenge known, CancellationToken cancel)
    {
        try
        {
            await AuthorizeAsync(request, known, null, cancel).ConfigureAwait(false);
        }
        catch (ImageException e) when (e is RegistryErrorException or RegistryUnreachableException or PlainHttpRefusedException)
        {
            Challenges.Forget(authority);
        }
    }

    // Who has a login for a registry will be asked for it, and all requests need that answer; who has none does not wait for it.
    private async Task<IDisposable?> TurnAsync(HttpRequestMessage request, string authority, CancellationToken cancel) =>
        Challenges.Of(authority) is null && await credentials.HasLoginAsync(RegistryRequest.Of(request).Registry, cancel).ConfigureAwait(false)
            ? await Challenges.TakeTurnAsync(authority, cancel).ConfigureAwait(false)
            : null;

    private bool IsRegistry(HttpRequestMessage request, Uri address) =>
        address.GetLeftPart(UriPartial.Authority) == api(RegistryRequest.Of(request).Registry).GetLeftPart(UriPartial.Authority);

    // No header where there is nothing to send: basic authentication, and no credential.
    private async Task AuthorizeAsync(HttpRequestMessage request, Challenge challenge, AuthenticationHeaderValue? refused, CancellationToken cancel)
    {
        var context = RegistryRequest.Of(request);
        var credential = await credentials.ResolveAsync(context.Registry, context.Repository, cancel).ConfigureAwait(false);
        if (challenge.IsBearer)
        {
            var rejected = refused is { Scheme: "Bearer" } ? refused.Parameter : null;
            var token = await tokens.GetAsync(challenge, context, credential, rejected, cancel).ConfigureAwait(false);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return;
        }
        request.Headers.Authorization = credential is { IsIdentityToken: false } ? TokenRequest.Basic(credential) : null;
    }

    private async Task<ImageException> RefusedAsync(HttpRequestMessage request, Challenge challenge, CancellationToken cancel)
    {
        var context = RegistryRequest.Of(request);
        var credential = await credentials.ResolveAsync(context.Registry, context.Repository, cancel).ConfigureAwait(false);
        var reason = challenge.IsBearer ? Unauthorized.Reason(credential, context) : Unauthorized.Reason(credential);
        return new RegistryUnauthorizedException(context.Registry, context.Repository, reason)
        {
            Subject = context.Repository is null ? context.Registry : $"{context.Registry}/{context.Repository}",
        };
    }
}
