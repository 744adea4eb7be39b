using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>
/// A program that keeps credentials, <c>docker-credential-NAME</c>: it takes a verb as its argument and speaks JSON on its standard streams
/// (docker-credential-helpers: Development).
/// </summary>
internal sealed class CredentialHelper(string name)
{
    // A helper asks a keychain on this machine; one that takes longer waits for somebody who is not there.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // An identity token goes under this user name.
    private const string TokenUser = "<token>";
    private const string NotFound = "credentials not found in native keychain";

    /// <summary>The program's name.</summary>
    public string Program => $"docker-credential-{name}";

    /// <summary>The credential of a registry; null where the helper has none.</summary>
    /// <exception cref="CredentialStoreException">The helper is missing, fails, hangs or prints something else.</exception>
    public async Task<RegistryCredential?> GetAsync(string key, CancellationToken cancel)
    {
        var (exitCode, output, error) = await RunAsync("get", key, cancel).ConfigureAwait(false);
        if (exitCode != 0)
            return (output + error).Contains(NotFound, StringComparison.Ordinal) ? null : throw Failed("get", exitCode, error.Length > 0 ? error : output);
        var json = Parse(output);
        var (user, secret) = (json.Text("Username"), json.Text("Secret"));
        if (string.IsNullOrEmpty(user) || secret is null)
            throw new CredentialStoreException($"{Program} printed no Username and Secret for {key}", "run it by hand, or log in again");
        return user == TokenUser ? new RegistryCredential("", secret, IsIdentityToken: true) : new RegistryCredential(user, secret);
    }

    /// <summary>Keeps a credential.</summary>
    public async Task StoreAsync(string key, RegistryCredential credential, CancellationToken cancel)
    {
        var input = new JObject
        {
            ["ServerURL"] = key,
            ["Username"] = credential.IsIdentityToken ? TokenUser : credential.UserName,
            ["Secret"] = credential.Secret,
        };
        var (exitCode, _, _) = await RunAsync("store", input.ToString(Newtonsoft.Json.Formatting.None), cancel).ConfigureAwait(false);
        // What it printed may repeat its input, the secret: it is not passed on.
        if (exitCode != 0)
            throw Failed("store", exitCode, "");
    }

    /// <summary>Forgets a registry's credential.</summary>
    public async Task EraseAsync(string key, CancellationToken cancel)
    {
        var (exitCode, output, error) = await RunAsync("erase", key, cancel).ConfigureAwait(false);
        if (exitCode != 0 && !(output + error).Contains(NotFound, StringComparison.Ordinal))
            throw Failed("erase", exitCode, error);
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string verb, string input, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        using var process = Start(verb);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await WriteAsync(process, input, limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), (await error.ConfigureAwait(false)).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancel.ThrowIfCancellationRequested();
            throw new CredentialStoreException($"{Program} {verb} did not end within {Limit.TotalSeconds} s", "run it by hand: it may wait for input");
        }
    }

    private Process Start(string verb)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Program, verb)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
                CreateNoWindow = true,
            })!;
        }
        catch (Win32Exception e)
        {
            throw new CredentialStoreException(
                $"Docker's config.json says that {Program} keeps the credentials, but it cannot be run: {e.Message}",
                "install it, or take credsStore and credHelpers out of config.json", e);
        }
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancel).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says more.
        }
    }

    private JObject Parse(string output)
    {
        try
        {
            return Json.ParseObject(Encoding.UTF8.GetBytes(output), Program);
        }
        catch (InvalidImageException)
        {
            // What it printed may hold a secret: it is not passed on.
            throw new CredentialStoreException($"{Program} printed something that is not JSON", "run it by hand, or log in again");
        }
    }

    private CredentialStoreException Failed(string verb, int exitCode, string said) => new(
        $"{Program} {verb} ended with exit code {exitCode}{(said.Length == 0 ? "" : $": {said.Trim()}")}", "run it by hand, or log in again");
}
