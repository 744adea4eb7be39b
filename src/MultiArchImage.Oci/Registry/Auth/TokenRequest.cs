using System.Net.Http.Headers;
using System.Text;
using MultiArchImage.Oci.Registry.Http;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>Who asks a token server for what.</summary>
/// <param name="Realm">The server's address.</param>
/// <param name="Service">What it calls the registry.</param>
/// <param name="Scopes">What the token must allow; a login asks for nothing.</param>
/// <param name="Credential">Who one is; null for anonymous.</param>
/// <param name="WantsRefreshToken">Whether an identity token is wanted besides, as a login does.</param>
internal sealed record TokenRequest(Uri Realm, string? Service, TokenScopes Scopes, RegistryCredential? Credential, bool WantsRefreshToken = false)
{
    private const string ClientId = "MultiArchImage";

    /// <summary>How a token may be asked for, the likelier first: GET is what every server answers, but takes no identity token.</summary>
    public IReadOnlyList<HttpMethod> Methods => Credential switch
    {
        null => [HttpMethod.Get],
        { IsIdentityToken: true } => [HttpMethod.Post, HttpMethod.Get],
        _ => [HttpMethod.Get, HttpMethod.Post],
    };

    /// <summary>The request.</summary>
    /// <param name="method">One of <see cref="Methods"/>.</param>
    /// <param name="context">What the links of the chain know of it.</param>
    public HttpRequestMessage ToMessage(HttpMethod method, RegistryRequest context) => method == HttpMethod.Post ? Post(context, Credential!) : Get(context);

    /// <summary>The header of basic authentication (RFC 7617, 2.1: in UTF-8).</summary>
    public static AuthenticationHeaderValue Basic(RegistryCredential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Secret}")));

    // Docker's token specification: Requesting a Token.
    private HttpRequestMessage Get(RegistryRequest context)
    {
        var query = new List<string>();
        if (Service is not null)
            query.Add($"service={Uri.EscapeDataString(Service)}");
        query.AddRange(Scopes.Texts().Select(scope => $"scope={Uri.EscapeDataString(scope)}"));
        if (Credential is { UserName.Length: > 0 })
            query.Add($"account={Uri.EscapeDataString(Credential.UserName)}");
        if (WantsRefreshToken)
            query.Add($"offline_token=true&client_id={ClientId}");
        var address = new UriBuilder(Realm) { Query = string.Join('&', query.Prepend(Realm.Query.TrimStart('?')).Where(part => part.Length > 0)) };
        var message = context.Message(HttpMethod.Get, address.Uri);
        if (Credential is not null)
            message.Headers.Authorization = Basic(Credential);
        return message;
    }

    // Docker's token specification: OAuth2 Token Authentication.
    private HttpRequestMessage Post(RegistryRequest context, RegistryCredential credential)
    {
        var form = new Dictionary<string, string> { ["service"] = Service ?? "", ["client_id"] = ClientId };
        if (credential.IsIdentityToken)
            (form["grant_type"], form["refresh_token"]) = ("refresh_token", credential.Secret);
        else
            (form["grant_type"], form["username"], form["password"]) = ("password", credential.UserName, credential.Secret);
        if ($"{Scopes}" is { Length: > 0 } scopes)
            form["scope"] = scopes;
        if (WantsRefreshToken)
            form["access_type"] = "offline";
        var message = context.Message(HttpMethod.Post, Realm);
        message.Content = new FormUrlEncodedContent(form);
        return message;
    }
}
