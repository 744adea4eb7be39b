using System.Text;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Registry;

public sealed class AuthenticationTests : IDisposable
{
    private const string Password = "pa:ss wörd";
    private readonly RegistryFixture _fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static RegistryCredential Right => new("jenkins", Password);

    public void Dispose() => _fixture.Dispose();

    [RegistryFact]
    public async Task Basic_authentication_costs_one_401_a_host()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync("jenkins", Password);
        var store = _fixture.Open($"{registry.Host}/a", Right);
        await new SampleImage("basic").PutAsync(store, "1");
        var requests = await registry.TakeRequestsAsync();
        Assert.Equal(1, requests.Count(request => request.Status == 401));
        Assert.DoesNotContain(requests, request => request.Path == "/v2/");
    }

    [RegistryFact]
    public async Task A_wrong_password_and_none_are_told_apart()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync("jenkins", Password);
        var wrong = await Assert.ThrowsAsync<RegistryUnauthorizedException>(
            () => _fixture.Open($"{registry.Host}/a", new RegistryCredential("jenkins", "wrong")).ResolveAsync("1", Cancel));
        Assert.Contains("the password of user 'jenkins' was refused", wrong.Message);
        var none = await Assert.ThrowsAsync<RegistryUnauthorizedException>(() => _fixture.Open($"{registry.Host}/a").ResolveAsync("1", Cancel));
        Assert.Contains($"no credentials found; run Connect-ArchRegistry {registry.Host}", none.Message);
        Assert.DoesNotContain("wrong", string.Concat(_fixture.Sink.Lines));
    }

    [RegistryFact]
    public async Task Docker_login_credentials_are_used()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync("jenkins", Password);
        var auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"jenkins:{Password}"));
        _fixture.Folder.Write("config.json", $$"""{"auths":{"{{registry.Host}}":{"auth":"{{auth}}"} } }""");
        Assert.Null(await _fixture.Open($"{registry.Host}/a").ResolveAsync("1", Cancel));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_fat_manifest_from_two_tags_costs_one_401_and_one_token()
    {
        using var tokens = new TokenServer("jenkins", Password);
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var stores = new ImageStores(_fixture.Client(Right));
        var place = ImageReference.Parse($"{registry.Host}/akraino/validation");
        await new SampleImage("amd64").PutAsync(stores.Open(place), "k8s-amd64-latest");
        await new SampleImage("arm64", "arm64").PutAsync(stores.Open(place), "k8s-arm64-latest");
        Assert.All(tokens.Asked, scope => Assert.Equal("repository:akraino/validation:pull,push", scope));
        Assert.Single(tokens.Asked);

        await registry.TakeRequestsAsync();
        var planner = new FatManifestPlanner(stores, _fixture.Sink);
        var sources = new[] { "amd64", "arm64" }.Select(architecture => new JoinSource(place.WithTag($"k8s-{architecture}-latest"))).ToList();
        var plan = (await planner.PlanAsync(sources, new JoinRequest(), Cancel)).Single().Plan!;
        await new FatManifestPublisher(_fixture.Sink, 4).PublishAsync(plan, Cancel);
        Assert.Equal(6, (await registry.TakeRequestsAsync()).Count);
        Assert.Single(tokens.Asked);
        Assert.DoesNotContain("eyJ", string.Concat(_fixture.Sink.Lines));
    }

    [Fact]
    public async Task The_session_goes_before_what_is_stored_and_the_given_before_both()
    {
        _fixture.Folder.Write("config.json", """{"auths":{"r.example":{"username":"stored","password":"s"} } }""");
        var resolver = new CredentialResolver(null, _fixture.Environment);
        Assert.Equal("stored", (await resolver.ResolveAsync("r.example", null, Cancel))!.UserName);
        await resolver.KeepAsync("r.example", new RegistryCredential("session", "s"), sessionOnly: true, Cancel);
        Assert.Equal("session", (await resolver.ResolveAsync("r.example", null, Cancel))!.UserName);
        Assert.Equal("given", (await new CredentialResolver(new RegistryCredential("given", "s")).ResolveAsync("r.example", null, Cancel))!.UserName);
        await resolver.ForgetAsync("r.example", Cancel);
        Assert.Null(await new CredentialResolver(null, _fixture.Environment).ResolveAsync("r.example", null, Cancel));
    }

    [Theory]
    [InlineData("""{"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"}}}""", "docker.io", "u")]
    [InlineData("""{"auths":{"https://r.example/v2/":{"auth":"dTpwOnE="}}}""", "r.example", "u")]
    [InlineData("""{"auths":{"r.example":{"identitytoken":"t"}}}""", "r.example", "")]
    [InlineData("""{"auths":{"other.example":{"auth":"dTpw"}}}""", "r.example", null)]
    [InlineData("""{"auths":{"index.docker.io/v1/":{"auth":"dTpw"}}}""", "docker.io", "u")]
    [InlineData("""{"auths":{"R.Example/v1/":{},"https://r.example":{"auth":"dTpw"}}}""", "r.example", "u")]
    [InlineData("""{"auths":{"https://r.example":{"auth":"bzpw"},"r.example":{"auth":"dTpw"}}}""", "r.example", "u")]
    [InlineData("""{"auths":{"r.example":{"auth":"dTo=","identitytoken":"t"}}}""", "r.example", "u")]
    [InlineData("{}", "r.example", null)]
    public async Task Entries_of_config_json_are_found_as_Docker_finds_them(string json, string registry, string? user)
    {
        _fixture.Folder.Write("config.json", json);
        Assert.Equal(user, (await new CredentialResolver(null, _fixture.Environment).ResolveAsync(registry, null, Cancel))?.UserName);
    }

    [Theory]
    [InlineData("org/team/app", "team")]
    [InlineData("org/team", "team")]
    [InlineData("org/teams", "org")]
    [InlineData("org/other", "org")]
    [InlineData("library", "all")]
    [InlineData(null, "all")]
    public async Task The_longest_namespace_counts_as_in_podman(string? repository, string user)
    {
        _fixture.Folder.Write("config.json", """
            {"auths":{"n.example":{"username":"all","password":"p"},"n.example/org":{"username":"org","password":"p"},"n.example/org/team":{"username":"team","password":"p"} } }
            """);
        Assert.Equal(user, (await new CredentialResolver(null, _fixture.Environment).ResolveAsync("n.example", repository, Cancel))!.UserName);
    }

    [Fact]
    [Needs(Part.UnixFiles)]
    public async Task Many_logins_at_once_are_all_in_the_file_behind_a_link()
    {
        var real = _fixture.Folder.Write("dotfiles/docker.json", """{"psFormat":"table"}""");
        File.CreateSymbolicLink(_fixture.Folder["config.json"], real);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(number => new CredentialResolver(null, _fixture.Environment)
            .KeepAsync($"m{number}.example", new RegistryCredential("u", $"{number}"), sessionOnly: false, Cancel)));
        var json = JObject.Parse(await File.ReadAllTextAsync(real, Cancel));
        Assert.Equal((12, "table"), (json["auths"]!.Count(), (string?)json["psFormat"]));
        Assert.NotNull(new FileInfo(_fixture.Folder["config.json"]).LinkTarget);
        Assert.Single(Directory.GetFiles(_fixture.Folder["dotfiles"]));
    }

    [Fact]
    public async Task The_environment_goes_before_config_json()
    {
        _fixture.Folder.Write("config.json", """{"auths":{"r.example":{"auth":"dTpw"}}}""");
        var file = _fixture.Folder.Write("auth.json", """{"auths":{"r.example":{"username":"podman","password":"p"}}}""");
        var environment = _fixture.Environment with { RegistryAuthFile = file };
        Assert.Equal("podman", (await new CredentialResolver(null, environment).ResolveAsync("r.example", null, Cancel))!.UserName);
        environment = environment with { DockerAuthConfig = """{"auths":{"r.example":{"username":"ci","password":"p"}}}""" };
        Assert.Equal("ci", (await new CredentialResolver(null, environment).ResolveAsync("r.example", null, Cancel))!.UserName);
    }

    [Fact]
    [Needs(Part.UnixFiles)]
    public async Task A_login_is_stored_beside_foreign_fields_and_for_its_owner_only()
    {
        var file = _fixture.Folder.Write("config.json", """{"HttpHeaders":{"X":"1"},"auths":{"other.example":{"auth":"dTpw"}},"currentContext":"remote"}""");
        var resolver = new CredentialResolver(null, _fixture.Environment);
        Assert.Equal(file, await resolver.KeepAsync("r.example", Right, sessionOnly: false, Cancel));
        var json = JObject.Parse(await File.ReadAllTextAsync(file, Cancel));
        Assert.Equal(("1", "dTpw", "remote"), ((string?)json["HttpHeaders"]!["X"], (string?)json["auths"]!["other.example"]!["auth"], (string?)json["currentContext"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        await resolver.ForgetAsync("r.example", Cancel);
        Assert.Equal("jenkins", Right.ToString());
        Assert.Single(Directory.GetFiles(_fixture.Folder.Path));
    }

    [Fact]
    [Needs(Part.Windows)]
    public async Task A_login_is_read_and_stored_while_another_program_has_the_file_open()
    {
        var file = _fixture.Folder.Write("config.json", """{"auths":{"r.example":{"auth":"dTpw"}}}""");
        using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            Assert.NotNull(await new CredentialResolver(null, _fixture.Environment).ResolveAsync("r.example", null, Cancel));
        Task<string> keeping;
        using (new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            keeping = new CredentialResolver(null, _fixture.Environment).KeepAsync("other.example", Right, sessionOnly: false, Cancel);
            await Task.Delay(100, Cancel);
        }
        Assert.Equal(file, await keeping);
        Assert.Equal("jenkins", (await new LoginStore(_fixture.Environment).FindAsync("other.example", null, Cancel))!.Credential.UserName);
    }

    [Theory]
    [InlineData("not json", "holds logins, but is no JSON object (line 1); mend or remove it")]
    [InlineData("""{"auths":{"r.example":{"password":12hidden}}}""", "holds logins, but is no JSON object (line 1); mend or remove it")]
    [InlineData("""{"auths":{"r.example":{"auth":"%hidden%"}}}""", "has an entry for r.example that is not the base64 of user:password; run Connect-ArchRegistry again")]
    [InlineData("""{"auths":{"r.example":{"auth":"aGlkZGVu"}}}""", "has an entry for r.example that is not the base64 of user:password; run Connect-ArchRegistry again")]
    public async Task A_damaged_config_json_is_named(string text, string problem)
    {
        var file = _fixture.Folder.Write("config.json", text);
        var failure = await Assert.ThrowsAsync<CredentialStoreException>(
            () => new CredentialResolver(null, _fixture.Environment).ResolveAsync("r.example", null, Cancel));
        Assert.Equal($"{file} {problem}", failure.Message);
        Assert.DoesNotContain("hidden", $"{failure}");
    }
}
