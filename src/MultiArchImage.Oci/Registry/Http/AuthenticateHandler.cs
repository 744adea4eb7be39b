using System.Collections.Concurrent;
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
    // Of the process: what a registry asks for does not change between commands.
    private static readonly ConcurrentDictionary<string, Challenge> Challenges = new(StringComparer.OrdinalIgnoreCase);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // An upload's Location may be another host's, which must not get the registry's credentials by asking for them.
        if (!IsRegistry(request, request.RequestUri!))
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var authority = request.RequestUri!.GetLeftPart(UriPartial.Authority);
        var expected = Challenges.GetValueOrDefault(authority);
        var sent = expected is not null && await AuthorizeAsync(request, expected, false, cancellationToken).ConfigureAwait(false);
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        // Nor must a host that a read was redirected to: its challenge is not the registry's.
        if (response.StatusCode != HttpStatusCode.Unauthorized || !IsRegistry(request, response.RequestMessage!.RequestUri!) || Challenge.Of(response) is not { } challenge)
            return response;
        // A second 401 to the same header is final; one to a token may only mean that it ran out.
        if (sent && challenge == expected && challenge.IsBasic)
            throw await RefusedAsync(request, response, cancellationToken).ConfigureAwait(false);
        response.Dispose();
        Challenges[authority] = challenge;
        if (!await AuthorizeAsync(request, challenge, sent, cancellationToken).ConfigureAwait(false))
            throw await RefusedAsync(request, response, cancellationToken).ConfigureAwait(false);
        response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.Unauthorized
            ? throw await RefusedAsync(request, response, cancellationToken).ConfigureAwait(false)
            : response;
    }

    private bool IsRegistry(HttpRequestMessage request, Uri address) =>
        address.GetLeftPart(UriPartial.Authority) == api(RegistryRequest.Of(request).Registry).GetLeftPart(UriPartial.Authority);

    // False where there is nothing to send: basic authentication, and no credential.
    private async Task<bool> AuthorizeAsync(HttpRequestMessage request, Challenge challenge, bool renew, CancellationToken cancel)
    {
        var context = RegistryRequest.Of(request);
        var credential = await credentials.ResolveAsync(context.Registry, cancel).ConfigureAwait(false);
        if (challenge.IsBearer)
        {
            var isPlainHttp = request.RequestUri!.Scheme == Uri.UriSchemeHttp;
            var token = await tokens.GetAsync(challenge, context, credential, isPlainHttp, renew, cancel).ConfigureAwait(false);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return true;
        }
        request.Headers.Authorization = credential is { IsIdentityToken: false } ? TokenSource.Basic(credential) : null;
        return request.Headers.Authorization is not null;
    }

    private async Task<ImageException> RefusedAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancel)
    {
        response.Dispose();
        var context = RegistryRequest.Of(request);
        var credential = await credentials.ResolveAsync(context.Registry, cancel).ConfigureAwait(false);
        return new RegistryUnauthorizedException(context.Registry, context.Repository, Unauthorized.Reason(credential))
        {
            Subject = context.Repository is null ? context.Registry : $"{context.Registry}/{context.Repository}",
        };
    }
}
