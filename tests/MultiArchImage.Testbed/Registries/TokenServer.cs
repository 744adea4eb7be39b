using System.Collections.Concurrent;
using System.Collections.Specialized;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Web;

namespace MultiArchImage.Testbed.Registries;

/// <summary>A token server as Docker's token specification has it, and its OAuth2 twin: it signs what the registry trusts, for one user and for nobody else.</summary>
public sealed class TokenServer : IDisposable
{
    // CNCF Distribution takes a token for so long after it ran out: here it runs out that much earlier than expires_in says.
    private const int Leeway = 60;

    private readonly HttpListener _listener = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;
    private readonly TemporaryFolder _folder = new();
    private readonly string _user;
    private readonly string _password;
    private readonly int _lifetime;

    /// <param name="user">The user that may push; nobody else may do anything.</param>
    /// <param name="password">The user's password.</param>
    /// <param name="lifetime">Seconds that a token lives.</param>
    public TokenServer(string user, string password, int lifetime = 300)
    {
        _lifetime = lifetime;
        (_user, _password) = (user, password);
        Realm = $"http://127.0.0.1:{FreePort.Next()}/token";
        _certificate = new CertificateRequest("CN=testbed", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        CertificateFile = _folder.Write("issuer.pem", _certificate.ExportCertificatePem());
        _listener.Prefixes.Add(Realm + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Realm { get; }

    public string Service => "testbed";

    public string Issuer => "testbed-issuer";

    /// <summary>The certificate that the registry trusts.</summary>
    public string CertificateFile { get; }

    /// <summary>The scopes that were asked for, a request each.</summary>
    public IReadOnlyList<string> Asked => [.. Requests.Select(request => request.Scope)];

    /// <summary>All requests for tokens.</summary>
    public ConcurrentQueue<AskedToken> Requests { get; } = new();

    /// <summary>The methods it knows; others are 405.</summary>
    public IReadOnlyList<string> Methods { get; init; } = ["GET", "POST"];

    /// <summary>Whether it gives an identity token to who asks for one.</summary>
    public bool GivesIdentityTokens { get; init; }

    /// <summary>The identity token that it takes, and gives.</summary>
    public string IdentityToken { get; set; } = $"identity-{Guid.NewGuid():N}";

    /// <summary>Actions that the user has no right to: tokens come without them.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];

    /// <summary>The texts of all tokens that it gave.</summary>
    public ConcurrentQueue<string> Given { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Close();
        _key.Dispose();
        _certificate.Dispose();
        _folder.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                Answer(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var isPost = context.Request.HttpMethod == "POST";
        using var body = new StreamReader(context.Request.InputStream);
        var values = isPost ? HttpUtility.ParseQueryString(body.ReadToEnd()) : context.Request.QueryString;
        var scopes = (values.GetValues("scope") ?? []).SelectMany(scope => scope.Split(' ')).ToArray();
        Requests.Enqueue(new AskedToken(context.Request.HttpMethod, string.Join(' ', scopes), values["grant_type"], context.Request.RawUrl!));
        var (status, answer) = !Methods.Contains(context.Request.HttpMethod) ? (405, "")
            : !(isPost ? IsRight(values) : IsRight(context.Request.Headers["Authorization"])) ? (isPost ? 400 : 401, """{"error":"invalid_grant"}""")
            : (200, Tokens(scopes, values["offline_token"] == "true" || values["access_type"] == "offline"));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Close(Encoding.UTF8.GetBytes(answer), willBlock: true);
    }

    private bool IsRight(string? authorization) =>
        authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_user}:{_password}"));

    private bool IsRight(NameValueCollection form) => form["grant_type"] switch
    {
        "password" => form["username"] == _user && form["password"] == _password,
        "refresh_token" => form["refresh_token"] == IdentityToken,
        _ => false,
    };

    private string Tokens(string[] scopes, bool isOffline)
    {
        var token = Sign(scopes);
        Given.Enqueue(token);
        return JsonSerializer.Serialize(new { token, expires_in = _lifetime, issued_at = DateTime.UtcNow, refresh_token = isOffline && GivesIdentityTokens ? IdentityToken : null });
    }

    private string Sign(IEnumerable<string> scopes)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = Encode(new { typ = "JWT", alg = "RS256", x5c = new[] { Convert.ToBase64String(_certificate.RawData) } });
        var claims = Encode(new
        {
            iss = Issuer, sub = "user", aud = Service, iat = now, nbf = now - Leeway - 10, exp = now + 1 + _lifetime - Leeway, jti = $"{Guid.NewGuid()}",
            access = scopes.Select(scope => scope.Split(':')).Select(parts => new { type = parts[0], name = parts[1], actions = parts[2].Split(',').Except(Withheld) }),
        });
        var signature = _key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Base64Url(signature)}";
    }

    private static string Encode(object value) => Base64Url(JsonSerializer.SerializeToUtf8Bytes(value));

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}

/// <summary>A request for a token.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Scope">The scopes, with spaces between.</param>
/// <param name="Grant">The <c>grant_type</c> of a POST.</param>
/// <param name="Address">Path and query.</param>
public sealed record AskedToken(string Method, string Scope, string? Grant, string Address);
