using System.Management.Automation;
using System.Net;
using System.Security;
using System.Text;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>A registry that a script starts for itself, as users do who try a release script or test it under Pester.</summary>
[Needs(Part.HttpListener)]
public sealed class LocalRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly Dictionary<string, object?> _variables = new()
    {
        ["hello"] = Path.Combine(Repository.Root, "docs/examples/hello"),
        ["credential"] = new PSCredential("release", Secure("s3cr3t-of-the-test")),
    };

    public LocalRegistryTests() => _session.Location = _folder.Path;

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_release_is_tried_from_the_build_to_the_fat_manifest()
    {
        var result = (await RunAsync("""
            $registry = Start-ArchRegistry served
            try {
                New-ArchImage $hello -Repository "$registry/akraino/validation" -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Output oci:build |
                    Publish-ArchImage | New-FatManifest -RequirePlatform linux/amd64, linux/arm64
                Test-FatManifest "$registry/akraino/validation:k8s-latest"
            }
            finally { $registry | Stop-ArchRegistry }
            Get-FatManifest oci:served/akraino/validation:k8s-latest
            """)).WithoutErrors();
        Assert.True((bool)result.Output[1].BaseObject);
        Assert.Equal(result.Output[0].Properties["Digest"].Value, result.Output[2].Properties["Digest"].Value);
    }

    [Fact]
    public async Task It_says_where_it_is_and_is_gone_when_stopped()
    {
        var started = (await RunAsync("$r = Start-ArchRegistry served; $r")).WithoutErrors().Output.Single();
        Assert.Equal(_folder["served"], started.Properties["Path"].Value);
        using var http = new HttpClient();
        var root = new Uri($"http://{started.Properties["Registry"].Value}/v2/");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(root)).StatusCode);
        (await RunAsync("Stop-ArchRegistry $r.Registry")).WithoutErrors();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(root));
        var again = (await RunAsync("Stop-ArchRegistry $r.Registry")).Errors.Single();
        Assert.StartsWith("RegistryNotServed,", again.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task A_temporary_folder_goes_with_its_registry()
    {
        var path = (string)(await RunAsync("$r = Start-ArchRegistry; $r")).WithoutErrors().Values("Path").Single()!;
        Assert.True(Directory.Exists(path));
        (await RunAsync("$r | Stop-ArchRegistry")).WithoutErrors();
        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public async Task It_ends_with_the_session_that_started_it()
    {
        using var session = new PowerShellSession();
        var started = (await session.RunAsync("Start-ArchRegistry")).WithoutErrors();
        var (root, path) = ((Uri)started.Values("Uri").Single()!, (string)started.Values("Path").Single()!);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(root, "v2/"))).StatusCode);
        session.Dispose();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri(root, "v2/")));
        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public async Task A_port_is_had_once()
    {
        var result = await RunAsync("""
            $r = Start-ArchRegistry served
            try { Start-ArchRegistry -Port $r.Registry.Split(':')[1] } finally { $r | Stop-ArchRegistry }
            """);
        var error = Assert.Single(result.AllErrors);
        Assert.StartsWith("PortInUse,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceExists, error.CategoryInfo.Category);
    }

    [Fact]
    public async Task WhatIf_starts_and_stops_nothing()
    {
        Assert.Empty((await RunAsync("Start-ArchRegistry served -WhatIf")).WithoutErrors().Output);
        Assert.False(Directory.Exists(_folder["served"]));
        var listed = await RunAsync("$r = Start-ArchRegistry served; $r | Stop-ArchRegistry -WhatIf; $r | Stop-ArchRegistry");
        Assert.Empty(listed.AllErrors);
    }

    [Fact]
    public async Task Its_password_is_wanted_and_shown_nowhere()
    {
        var result = await RunAsync("""
            $r = Start-ArchRegistry served -Credential $credential -Verbose -Debug
            $r
            try {
                New-ArchImage $hello -Repository "$r/app" -Tag '{arch}' -Platform linux/amd64 -Output oci:build | Publish-ArchImage -Verbose -Debug
                New-ArchImage $hello -Repository "$r/app" -Tag '{arch}' -Platform linux/amd64 -Output oci:build | Publish-ArchImage -Credential $credential -Verbose -Debug
            }
            finally { $r | Stop-ArchRegistry -Verbose -Debug }
            """);
        Assert.StartsWith("RegistryUnauthorized,", Assert.Single(result.AllErrors).FullyQualifiedErrorId);
        Assert.Equal(["release", null], result.Values("UserName"));
        Assert.Equal("Registry", result.Output[1].Properties["Location"].Value);
        var all = string.Join('\n', result.Output.SelectMany(item => item.Properties.Select(property => $"{property.Value}")).Concat(result.Verbose).Concat(result.AllErrors.Select(error => $"{error.Exception}")));
        Assert.DoesNotContain("s3cr3t-of-the-test", all);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("release:s3cr3t-of-the-test")), all);
    }

    [Fact]
    public async Task A_folder_that_is_a_layout_is_refused_with_what_to_do()
    {
        var result = await RunAsync("$null = New-ArchImage $hello -Repository app -Tag 1.0 -Platform linux/amd64 -Output oci:build; Start-ArchRegistry build");
        var error = Assert.Single(result.AllErrors);
        Assert.StartsWith("UnservableFolder,", error.FullyQualifiedErrorId);
        Assert.Contains("give the folder above it", error.Exception.Message);
    }

    [EngineFact]
    public async Task Docker_pushes_to_it_and_pulls_from_it()
    {
        var registry = (string)(await RunAsync("($r = Start-ArchRegistry served).Registry")).WithoutErrors().Output.Single().BaseObject;
        var image = $"{registry}/from/docker:1.0";
        await Tool.RunAsync("tar", "-cf", _folder["content.tar"], "-C", Requirements.Busybox!, "busybox-amd64");
        await DockerAsync("import", _folder["content.tar"], image);
        try
        {
            await DockerAsync("push", image);
            await DockerAsync("rmi", image);
            await DockerAsync("pull", image);
            Assert.Equal(["linux/amd64"], (await RunAsync("Get-ArchImage oci:served/from/docker:1.0")).WithoutErrors().Values("Platform"));
        }
        finally
        {
            await DockerAsync("rmi", image);
            await RunAsync("$r | Stop-ArchRegistry");
        }
    }

    [EngineFact]
    public async Task Docker_logs_in_and_pulls_its_platform_of_a_fat_manifest()
    {
        var name = (string)(await RunAsync("""
            $r = Start-ArchRegistry served -Credential $credential
            New-ArchImage $hello -Repository "$r/akraino/validation" -Tag 'k8s-{arch}-latest' -Platform linux/amd64, linux/arm64 -Output oci:build |
                Publish-ArchImage -Credential $credential | New-FatManifest -Credential $credential | ForEach-Object { "$($_.Reference)" }
            """)).WithoutErrors().Output.Single().BaseObject;
        string[] config = ["--config", _folder["docker"]];
        try
        {
            await Assert.ThrowsAnyAsync<Exception>(() => DockerAsync([.. config, "pull", name]));
            await DockerAsync([.. config, "login", "--username", "release", "--password", "s3cr3t-of-the-test", name.Split('/')[0]]);
            await DockerAsync([.. config, "pull", name]);
            Assert.Equal("linux/amd64", (await DockerAsync("inspect", "--format", "{{.Os}}/{{.Architecture}}", name)).Trim());
        }
        finally
        {
            await RunAsync("$r | Stop-ArchRegistry");
        }
        await DockerAsync("rmi", name);
    }

    private static Task<string> DockerAsync(params string[] arguments) => Tool.RunAsync("docker", ["-H", Requirements.DockerHost!, .. arguments]);

    private static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (var character in text)
            secure.AppendChar(character);
        return secure;
    }

    private Task<SessionResult> RunAsync(string script) => _session.RunAsync(script, _variables);
}
