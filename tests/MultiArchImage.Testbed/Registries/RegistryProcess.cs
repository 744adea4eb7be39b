using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MultiArchImage.Testbed.Registries;

/// <summary>A real registry (CNCF Distribution's <c>docker-registry</c>) on a free loopback port, with its storage in a folder of its own.</summary>
public sealed partial class RegistryProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<LoggedRequest> _requests = new();
    private readonly BackgroundProgram _program;

    private RegistryProcess(string host, Func<TemporaryFolder, string> authentication, string? redirect, bool canDelete, Func<TemporaryFolder, string>? tls)
    {
        Host = host;
        var settings = $"""
            version: 0.1
            log: {"{"} level: warn, accesslog: {"{"} disabled: false {"}"} {"}"}
            storage:
              filesystem: {"{"} rootdirectory: {_folder["storage"]} {"}"}
              delete: {"{"} enabled: {(canDelete ? "true" : "false")} {"}"}
            http: {"{"} addr: {host}, secret: testbed{tls?.Invoke(_folder)} {"}"}
            {authentication(_folder)}
            {(redirect is null ? "" : $"middleware: {{ storage: [ {{ name: redirect, options: {{ baseurl: {redirect} }} }} ] }}")}
            """;
        var configuration = _folder.Write("config.yml", WineMachine.IsHere ? WineMachine.ToLinux(settings) : settings);
        _program = BackgroundProgram.Start("docker-registry", ["serve", configuration], Log);
    }

    /// <summary>Host and port, as in references.</summary>
    public string Host { get; }

    /// <summary>The folder of its storage.</summary>
    public string Storage => _folder["storage"];

    /// <summary>A registry that anybody may use.</summary>
    /// <param name="canDelete">Whether it deletes tags and manifests (<c>storage.delete.enabled</c>).</param>
    public static Task<RegistryProcess> StartAsync(bool canDelete = true) => StartAsync(_ => "", canDelete: canDelete);

    /// <summary>A registry that wants a user and password (htpasswd, basic authentication).</summary>
    public static async Task<RegistryProcess> StartWithPasswordAsync(string user, string password)
    {
        var passwords = await Tool.RunAsync("htpasswd", "-Bbn", user, password);
        return await StartAsync(folder => $"auth: {{ htpasswd: {{ realm: testbed, path: {folder.Write("htpasswd", passwords)} }} }}");
    }

    /// <summary>A registry that wants a token of a token server (bearer authentication).</summary>
    /// <param name="server">The token server.</param>
    /// <param name="redirect">Where it redirects reads of blobs to; null where it serves them itself.</param>
    public static Task<RegistryProcess> StartWithTokensAsync(TokenServer server, string? redirect = null) => StartAsync(
        _ => $"auth: {{ token: {{ realm: {server.Realm}, service: {server.Service}, issuer: {server.Issuer}, rootcertbundle: {server.CertificateFile} }} }}", redirect);

    /// <summary>A registry that speaks TLS.</summary>
    /// <param name="server">Its certificate and key, in PEM.</param>
    /// <param name="clients">The authority whose certificates clients must show, in PEM; null where they need none.</param>
    public static Task<RegistryProcess> StartWithTlsAsync((string Certificate, string Key) server, string? clients = null) => StartAsync(
        _ => "",
        tls: folder => $", tls: {{ certificate: {folder.Write("tls.crt", server.Certificate)}, key: {folder.Write("tls.key", server.Key)}"
            + $"{(clients is null ? "" : $", clientcas: [ {folder.Write("clients.crt", clients)} ]")} }}");

    /// <summary>The requests since the last call, in the order they were answered; waits until the log has gone quiet.</summary>
    public async Task<IReadOnlyList<LoggedRequest>> TakeRequestsAsync()
    {
        for (int before = -1, now; (now = _requests.Count) != before; before = now)
            await Task.Delay(100);
        var taken = new List<LoggedRequest>();
        while (_requests.TryDequeue(out var request))
            taken.Add(request);
        return taken;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<RegistryProcess> StartAsync(Func<TemporaryFolder, string> authentication, string? redirect = null, bool canDelete = true, Func<TemporaryFolder, string>? tls = null)
    {
        var registry = new RegistryProcess($"127.0.0.1:{FreePort.Next()}", authentication, redirect, canDelete, tls);
        using var http = new HttpClient();
        for (var start = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                using var response = await http.GetAsync(new Uri($"http://{registry.Host}/v2/"));
                await registry.TakeRequestsAsync();
                return registry;
            }
            catch (HttpRequestException) when (start.Elapsed < StartLimit && !registry._program.HasEnded)
            {
            }
        }
    }

    private void Log(string line)
    {
        if (Access().Match(line) is { Success: true } match)
            _requests.Enqueue(new LoggedRequest(match.Groups["method"].Value, match.Groups["path"].Value, int.Parse(match.Groups["status"].Value)));
    }

    [GeneratedRegex("\"(?<method>[A-Z]+) (?<path>\\S+) HTTP/[0-9.]+\" (?<status>[0-9]{3})")]
    private static partial Regex Access();
}
