using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Registry.Auth;

/// <summary>Programs that keep credentials as Windows has them: found by their extension, and perhaps a batch file.</summary>
[Needs(Part.Windows)]
public sealed class WindowsCredentialHelperTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CredentialResolver Resolver => new(null, new CredentialEnvironment(_folder["config.json"]));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".cmd")]
    [InlineData(".bat")]
    public async Task A_batch_file_on_the_PATH_is_asked_told_and_made_to_forget(string extension)
    {
        var kept = _folder["bin with space", "kept.txt"];
        Write($"docker-credential-batch{extension[1..]}{extension}", $"""
            @echo off
            set /p input=
            if "%1"=="store" echo {"{"}"Username":"jenkins","Secret":"s3cret"{"}"}> "{kept}"
            if "%1"=="erase" del "{kept}"
            if not "%1"=="get" exit /b 0
            if exist "{kept}" type "{kept}" & exit /b 0
            echo credentials not found in native keychain
            exit /b 1
            """);
        _folder.Write("config.json", $$"""{"credsStore":"batch{{extension[1..]}}"}""");
        Assert.Null(await Resolver.ResolveAsync($"{extension[1..]}.example", null, Cancel));
        await Resolver.KeepAsync($"{extension[1..]}.example", new RegistryCredential("jenkins", "s3cret"), sessionOnly: false, Cancel);
        Assert.True(File.Exists(kept));
        Assert.Equal(new RegistryCredential("jenkins", "s3cret"), (await new LoginStore(new CredentialEnvironment(_folder["config.json"])).FindAsync($"{extension[1..]}.example", null, Cancel))!.Credential);
        await Resolver.ForgetAsync($"{extension[1..]}.example", Cancel);
        Assert.False(File.Exists(kept));
    }

    [Fact]
    public async Task A_program_goes_before_a_batch_file_of_its_name()
    {
        // Any program will do: that it is not one for credentials shows that it was run.
        Write("docker-credential-both.cmd", "@echo {\"Username\":\"batch\",\"Secret\":\"s\"}");
        File.Copy(Path.Combine(Environment.SystemDirectory, "hostname.exe"), _folder["bin with space", "docker-credential-both.exe"]);
        _folder.Write("config.json", """{"credsStore":"both"}""");
        var failure = await Assert.ThrowsAsync<CredentialStoreException>(() => Resolver.ResolveAsync("both.example", null, Cancel));
        Assert.Contains("docker-credential-both", failure.Message);
    }

    private void Write(string name, string script)
    {
        _folder.Write($"bin with space/{name}", script.ReplaceLineEndings("\r\n"));
        var path = Environment.GetEnvironmentVariable("PATH")!;
        if (!path.StartsWith(_folder.Path, StringComparison.Ordinal))
            Environment.SetEnvironmentVariable("PATH", $"{_folder["bin with space"]};{path}");
    }
}
