using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace MultiArchImage.Testbed.Registries;

/// <summary>A token server as Docker's token specification has it: it signs what the registry trusts, for one user and for nobody.</summary>
public sealed class TokenServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;
    private readonly TemporaryFolder _folder = new();
    private readonly string _authorization;
    private readonly int _lifetime;

    /// <param name="user">The user that may push; nobody else may do anything.</param>
    /// <param name="password">The user's password.</param>
    /// <param name="lifetime">Seconds that a token lives.</param>
    public TokenServer(string user, string password, int lifetime = 300)
    {
        _lifetime = lifetime;
        _authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        Realm = $"http://127.0.0.1:{RegistryProcess.FreePort()}/token";
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
    public ConcurrentQueue<string> Asked { get; } = new();

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
        var scopes = context.Request.QueryString.GetValues("scope") ?? [];
        Asked.Enqueue(string.Join(' ', scopes));
        if (context.Request.Headers["Authorization"] != _authorization)
        {
            context.Response.StatusCode = 401;
            context.Response.Close();
            return;
        }
        context.Response.ContentType = "application/json";
        context.Response.Close(JsonSerializer.SerializeToUtf8Bytes(new { token = Sign(scopes), expires_in = _lifetime }), willBlock: true);
    }

    private string Sign(IEnumerable<string> scopes)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = Encode(new { typ = "JWT", alg = "RS256", x5c = new[] { Convert.ToBase64String(_certificate.RawData) } });
        var claims = Encode(new
        {
            iss = Issuer, sub = "user", aud = Service, iat = now, nbf = now - 10, exp = now + _lifetime, jti = $"{Guid.NewGuid()}",
            access = scopes.Select(scope => scope.Split(':')).Select(parts => new { type = parts[0], name = parts[1], actions = parts[2].Split(',') }),
        });
        var signature = _key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Base64Url(signature)}";
    }

    private static string Encode(object value) => Base64Url(JsonSerializer.SerializeToUtf8Bytes(value));

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
