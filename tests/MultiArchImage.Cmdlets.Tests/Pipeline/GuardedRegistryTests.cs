using System.Management.Automation;
using System.Security;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>
/// Registries that want to know who one is: what that costs above <see cref="RequestFloorTests"/>, and that nobody else learns it. The images get
/// there by a process of its own, so that this one knows nothing of the registry.
/// </summary>
public sealed class GuardedRegistryTests : IDisposable
{
    private const string User = "jenkins";
    private const string Password = "hidden:pass wörd";

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new()
    {
        ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello"),
        ["login"] = Login(Password),
        ["wrong"] = Login("hidden wrong"),
    };

    public GuardedRegistryTests() => _session.Location = _folder.Path;

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task Tokens_cost_one_refusal_and_one_token_a_fat_manifest_from_tags_is_seven_requests()
    {
        using var tokens = new TokenServer(User, Password);
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        await PublishAsync(registry);
        tokens.Requests.Clear();
        await JoinAsync(registry);
        Assert.Equal(["1 401", "2 GET blobs", "2 GET manifests", "1 PUT manifests"], await CountAsync(registry));
        Assert.Equal("repository:app:pull,push", Assert.Single(tokens.Requests).Scope);
    }

    [RegistryFact]
    public async Task A_password_costs_one_refusal_a_fat_manifest_from_tags_is_six_requests()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync(User, Password);
        await PublishAsync(registry);
        await JoinAsync(registry);
        Assert.Equal(["1 401", "2 GET blobs", "2 GET manifests", "1 PUT manifests"], await CountAsync(registry));
    }

    [RegistryFact]
    public async Task An_image_goes_there_with_two_requests_a_blob_and_one_for_the_manifest()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync(User, Password);
        await RunAsync("New-ArchImage $hello -Repository $registry/app -Tag '{arch}' -Platform linux/amd64 -Output oci:build", registry);
        await RunAsync("Get-ArchImage oci:build:* | Publish-ArchImage -Destination $registry/app -Credential $login", registry);
        Assert.Equal(["1 401", "2 POST blobs", "2 PUT blobs", "1 PUT manifests"], await CountAsync(registry));
    }

    [RegistryFact]
    public async Task A_copy_to_another_registry_reads_each_thing_once_and_writes_it_with_two_requests_a_blob()
    {
        await using var from = await RegistryProcess.StartWithPasswordAsync(User, Password);
        await using var to = await RegistryProcess.StartWithPasswordAsync(User, Password);
        await PublishAsync(from);
        await JoinAsync(from);
        await from.TakeRequestsAsync();
        await RunAsync($"Copy-ArchImage $registry/app:latest {to.Host}/released:1.0 -Credential $login", from);
        // This process knows by now what the source asks for.
        Assert.Equal(["4 GET blobs", "3 GET manifests"], await CountAsync(from));
        Assert.Equal(["1 401", "1 HEAD manifests", "4 POST blobs", "4 PUT blobs", "3 PUT manifests"], await CountAsync(to));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_copy_within_a_registry_moves_no_bytes_of_blobs()
    {
        using var tokens = new TokenServer(User, Password);
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        await PublishAsync(registry);
        await JoinAsync(registry);
        await registry.TakeRequestsAsync();
        tokens.Requests.Clear();
        await RunAsync("Copy-ArchImage $registry/app:latest $registry/released:1.0 -Credential $login", registry);
        Assert.Equal(["3 GET manifests", "1 HEAD manifests", "4 POST blobs", "3 PUT manifests"], await CountAsync(registry));
        // One to look at the name, and one for all mounts.
        Assert.Equal(["repository:released:pull,push", "repository:released:pull,push repository:app:pull"], tokens.Asked);
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task No_stream_no_error_and_no_other_host_learns_a_secret()
    {
        var toStorage = new List<string?>();
        using var storage = new AnsweringServer(context =>
        {
            toStorage.Add(context.Request.Headers["Authorization"]);
            context.Response.StatusCode = 503;
            return "";
        });
        using var tokens = new TokenServer(User, Password) { GivesIdentityTokens = true };
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens, $"http://{storage.Host}");
        await using var basic = await RegistryProcess.StartWithPasswordAsync(User, Password);
        _variables["basic"] = basic.Host;
        var result = await _session.RunAsync(
            """
            $VerbosePreference = $DebugPreference = 'Continue'
            $r = "$registry/app"
            Get-ArchRegistry $registry, $basic -Credential $login
            Get-ArchRegistry $registry, $basic -Credential $wrong
            Connect-ArchRegistry $registry, $basic -Credential $wrong -SessionOnly
            Connect-ArchRegistry $registry, $basic -Credential $login -SessionOnly
            New-ArchImage $hello -Repository $r -Tag 'k8s-{arch}' -Platform linux/amd64, linux/arm64 -Output oci:build | Publish-ArchImage | New-FatManifest
            New-FatManifest "${r}:k8s-amd64", "${r}:k8s-arm64" -Name "${r}:again" -Force -TimeoutSec 5 -MaximumRetryCount 0
            Get-FatManifest "${r}:k8s" -MaximumRetryCount 0
            Test-FatManifest "${r}:k8s" -Deep -MaximumRetryCount 0
            Copy-ArchImage oci:build:* $basic/app
            New-FatManifest "$basic/app:k8s-amd64", "$basic/app:k8s-arm64" -WhatIf
            New-FatManifest "$basic/app:k8s-amd64", "$basic/app:k8s-arm64" -Credential $wrong
            Copy-ArchImage "$basic/app:k8s-amd64" "$r-copied:1" -Credential $wrong
            Copy-ArchImage "${r}:k8s" "$basic/other:1" -MaximumRetryCount 0
            Get-ArchImage "${r}:*" -Remote
            Remove-ArchImage "$basic/app:k8s-amd64" -Confirm:$false
            Disconnect-ArchRegistry $registry, $basic
            Get-ArchImage $r -Remote
            $Error
            """,
            new Dictionary<string, object?>(_variables) { ["registry"] = registry.Host });
        // What is not said cannot be searched.
        Assert.Contains(result.Verbose, line => line.Contains("PUT", StringComparison.Ordinal));
        Assert.Contains(result.Debug, line => line.Contains("Authorization", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(result.AllErrors, error => error.FullyQualifiedErrorId.StartsWith("RegistryUnauthorized", StringComparison.Ordinal));
        Assert.NotEmpty(tokens.Given);
        Assert.NotEmpty(toStorage);
        Assert.All(toStorage, Assert.Null);
        var said = result.Output.Select(Describe)
            .Concat(result.AllErrors.Select(error => $"{error}{error.Exception}{error.TargetObject}{error.ErrorDetails}"))
            .Concat(result.Verbose).Concat(result.Debug).Concat(result.Warnings)
            .Concat(result.Information.Select(record => $"{record}"))
            .Concat(result.Progress.Select(record => $"{record.Activity}{record.StatusDescription}{record.CurrentOperation}"));
        foreach (var secret in Secrets(tokens))
            Assert.DoesNotContain(said, line => line.Contains(secret, StringComparison.Ordinal));
    }

    // As they are, as they stand in a URL, and in base64 at each of the three offsets: what stands before a secret shifts it.
    private static IEnumerable<string> Secrets(TokenServer tokens) =>
        new[] { Password, "hidden", tokens.IdentityToken }.Concat(tokens.Given.Select(token => token[^40..]))
            .Concat(new[] { "jenkins:hidden", "enkins:hidden", "nkins:hidden" }.Select(text => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text))[4..12]))
            .SelectMany(secret => new[] { secret, Uri.EscapeDataString(secret) });

    private static string Describe(PSObject item) =>
        $"{item}{(item.BaseObject as ErrorRecord)?.Exception}{string.Concat(item.Properties.OfType<PSProperty>().Select(property => $"{property.Value}"))}";

    private static PSCredential Login(string password)
    {
        var secret = new SecureString();
        foreach (var letter in password)
            secret.AppendChar(letter);
        return new PSCredential(User, secret);
    }

    private static async Task PublishAsync(RegistryProcess registry)
    {
        using var host = new HostProcess();
        host.Environment["DOCKER_AUTH_CONFIG"] =
            $$"""{"auths":{"{{registry.Host}}":{"username":"{{User}}","password":"{{Password}}"} } }""";
        var result = await host.RunAsync("-Command", $$"""
            New-ArchImage '{{Path.Combine(Repository.Root, "docs/examples/hello")}}' -Repository {{registry.Host}}/app -Tag '{arch}' -Platform linux/amd64, linux/arm64 -Output oci:build | Publish-ArchImage
            """);
        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        await registry.TakeRequestsAsync();
    }

    private Task JoinAsync(RegistryProcess registry) =>
        RunAsync("New-FatManifest $registry/app:amd64, $registry/app:arm64 -Name $registry/app:latest -Credential $login -Force", registry);

    private async Task RunAsync(string script, RegistryProcess registry) =>
        (await _session.RunAsync(script.Replace("$registry", registry.Host, StringComparison.Ordinal), _variables)).WithoutErrors();

    private static async Task<IEnumerable<string>> CountAsync(RegistryProcess registry) => (await registry.TakeRequestsAsync())
        .GroupBy(Kind).OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => $"{same.Count()} {same.Key}");

    private static string Kind(LoggedRequest request) =>
        request.Status == 401 ? "401" : $"{request.Method} {(request.Path.Contains("/manifests/", StringComparison.Ordinal) ? "manifests" : "blobs")}";
}
