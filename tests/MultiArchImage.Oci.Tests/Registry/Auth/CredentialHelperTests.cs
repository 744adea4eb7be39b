using System.Diagnostics;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Registry.Auth;

/// <summary>Programs that keep credentials, as scripts on the PATH.</summary>
[Needs(Part.UnixProcesses)]
public sealed class CredentialHelperTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static RegistryCredential Right => new("jenkins", "pa:ss wörd");

    private CredentialResolver Resolver => new(null, new CredentialEnvironment(_folder["config.json"]));

    private LoginStore Stored => new(new CredentialEnvironment(_folder["config.json"]));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_asked_told_listed_and_made_to_forget()
    {
        var store = _folder["kept"];
        Write("testbed", $$$"""
            case "$1" in
              get) cat > /dev/null; if [ -f {{{store}}} ]; then cat {{{store}}}; else echo "credentials not found in native keychain"; exit 1; fi;;
              store) cat > {{{store}}};;
              erase) rm -f {{{store}}};;
              list) if [ -f {{{store}}} ]; then echo '{"https://index.docker.io/v1/":"hubber","otheasked.example":"x"}'; else echo '{}'; fi;;
            esac
            """);
        _folder.Write("config.json", """{"credsStore":"testbed"}""");
        Assert.Equal("docker-credential-testbed", await Resolver.KeepAsync("kept.example", Right, sessionOnly: false, Cancel));
        // Docker puts down that there is a login, without it.
        var config = await File.ReadAllTextAsync(_folder["config.json"], Cancel);
        Assert.Equal("""{"credsStore":"testbed","auths":{"kept.example":{}}}""", string.Concat(config.Where(letter => !char.IsWhiteSpace(letter))));
        Assert.Equal(Right, (await Stored.FindAsync("kept.example", "any/repository", Cancel))!.Credential);
        Assert.Equal(["kept.example", "docker.io", "otheasked.example"], await Stored.ListAsync(Cancel));
        await Resolver.ForgetAsync("kept.example", Cancel);
        Assert.Null(await Resolver.ResolveAsync("kept.example", null, Cancel));
        Assert.False(await Resolver.HasLoginAsync("kept.example", Cancel));
    }

    [Fact]
    public async Task It_knows_Docker_Hub_by_its_old_address_and_identity_tokens_by_their_user()
    {
        Write("hub", $$$"""read -r key; [ "$key" = https://index.docker.io/v1/ ] || exit 1; echo '{"Username":"<token>","Secret":"an identity"}' """);
        _folder.Write("config.json", """{"credHelpers":{"docker.io":"hub"}}""");
        Assert.Equal(new RegistryCredential("", "an identity", IsIdentityToken: true), await Resolver.ResolveAsync("docker.io", null, Cancel));
        Assert.Null(await Resolver.ResolveAsync("asked.example", null, Cancel));
    }

    [Fact]
    public async Task It_is_asked_once_a_command_whatever_the_repositories()
    {
        Write("counting", $$$"""echo x >> {{{_folder["asked"]}}}; echo '{"Username":"u","Secret":"s"}' """);
        _folder.Write("config.json", """{"credsStore":"counting"}""");
        var resolver = Resolver;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => resolver.ResolveAsync("asked.example", $"a{number}", Cancel)));
        Assert.Single(await File.ReadAllLinesAsync(_folder["asked"], Cancel));
    }

    [Theory]
    [InlineData("missing", null, "it is not on the PATH; install it")]
    [InlineData("../sub/evil", "echo '{}'", "it is not on the PATH; install it")]
    [InlineData("failing", "echo no keyring; exit 3", "get ended with exit code 3: no keyring; run it by hand")]
    [InlineData("complaining", "echo no keyring >&2; exit 3", "get ended with exit code 3: no keyring; run it by hand")]
    [InlineData("halfway", """echo '{"Username":"u","Secret":"hidden-secret"}'; exit 1""", "get ended with exit code 1; run it by hand")]
    [InlineData("rubbish", "echo 'hidden-secret rubbish'", "printed something that is not JSON; run it by hand")]
    [InlineData("silent", "exit 0", "printed something that is not JSON; run it by hand")]
    [InlineData("array", "echo '[\"hidden-secret\"]'", "printed something that is not JSON; run it by hand")]
    [InlineData("nameless", """echo '{"Secret":"hidden-secret"}'""", "printed no Username and Secret for asked.example; run it by hand")]
    [InlineData("endless", "yes hidden-secret", "printed more than 1048576 characters; run it by hand")]
    public async Task One_that_is_broken_is_named_with_what_to_do(string name, string? script, string expected)
    {
        Directory.CreateDirectory(_folder["sub"]);
        if (script is not null)
            Write(name, script);
        _folder.Write("config.json", $$"""{"credsStore":"{{name}}"}""");
        var failure = await Assert.ThrowsAsync<CredentialStoreException>(() => Resolver.ResolveAsync("asked.example", null, Cancel));
        Assert.Contains($"docker-credential-{name}", failure.Message);
        Assert.Contains(expected, failure.Message);
        Assert.DoesNotContain("hidden", $"{failure}");
    }

    [Fact]
    [Needs(Part.Speed)]
    public async Task One_that_hangs_is_ended_with_what_it_started_within_ten_seconds()
    {
        Write("hanging", $"echo $$ > {_folder["pids"]}; sleep 600 & echo $! >> {_folder["pids"]}; wait");
        _folder.Write("config.json", """{"credsStore":"hanging"}""");
        var start = Stopwatch.StartNew();
        await Assert.ThrowsAsync<CredentialStoreException>(() => Resolver.ResolveAsync("asked.example", null, Cancel));
        Assert.True(start.Elapsed < TimeSpan.FromSeconds(10), $"{start.Elapsed}");
        await Task.Delay(200, Cancel);
        Assert.All(await File.ReadAllLinesAsync(_folder["pids"], Cancel), line => Assert.False(IsAlive(line), $"{line} lives"));
    }

    [Fact]
    public async Task One_that_fails_to_store_keeps_no_login_and_shows_no_secret()
    {
        Write("full", "cat >&2; exit 1");
        var config = _folder.Write("config.json", """{"credsStore":"full"}""");
        var failure = await Assert.ThrowsAsync<CredentialStoreException>(() => Resolver.KeepAsync("full.example", Right, sessionOnly: false, Cancel));
        Assert.Contains("docker-credential-full store ended with exit code 1; run it by hand", failure.Message);
        Assert.DoesNotContain("wörd", $"{failure}");
        Assert.Equal("""{"credsStore":"full"}""", await File.ReadAllTextAsync(config, Cancel));
        Assert.DoesNotContain("full.example", (await new CredentialResolver(null, new CredentialEnvironment(_folder["none.json"])).ListAsync(Cancel)));
    }

    [Fact]
    public async Task One_in_the_current_folder_is_not_run()
    {
        Write("here", "echo '{\"Username\":\"u\",\"Secret\":\"s\"}'", onPath: false);
        _folder.Write("config.json", """{"credsStore":"here"}""");
        var before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = _folder["elsewhere"];
        try
        {
            await Assert.ThrowsAsync<CredentialStoreException>(() => Resolver.ResolveAsync("asked.example", null, Cancel));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    // A zombie has ended, and waits only for who asks how.
    private static bool IsAlive(string id) => File.Exists($"/proc/{id}/stat") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);

    // Helpers are found on the PATH, which is the process's.
    private void Write(string name, string script, bool onPath = true)
    {
        var file = _folder.Write($"{(onPath ? "" : "elsewhere/")}docker-credential-{name}", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (onPath && Environment.GetEnvironmentVariable("PATH") is { } path && !path.StartsWith(_folder.Path, StringComparison.Ordinal))
            Environment.SetEnvironmentVariable("PATH", $"{_folder.Path}:{path}");
    }
}
