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
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    // An entry of a keychain, or a list of them; not a program that prints without end.
    private const int MaximumOutput = 1024 * 1024;

    // A line for a person; what is longer is a trace, or something else altogether.
    private const int MaximumMessage = 300;

    // An identity token goes under this user name.
    private const string TokenUser = "<token>";
    private const string NotFound = "credentials not found in native keychain";
    private const string ByHand = "run it by hand, or log in again";

    private static readonly string[] Extensions = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];

    /// <summary>The program's name.</summary>
    public string Program => $"docker-credential-{name}";

    /// <summary>The credential of a registry; null where the helper has none.</summary>
    /// <exception cref="CredentialStoreException">The helper is missing, fails, hangs or prints something else.</exception>
    public async Task<RegistryCredential?> GetAsync(string key, CancellationToken cancel)
    {
        var answer = await RunAsync("get", key, cancel).ConfigureAwait(false);
        if (answer.ExitCode != 0)
            return answer.HasNone ? null : throw Failed("get", answer);
        var json = Parse(answer.Output);
        var (user, secret) = (json.Text("Username"), json.Text("Secret"));
        if (string.IsNullOrEmpty(user) || secret is null)
            throw new CredentialStoreException($"{Program} printed no Username and Secret for {key}", ByHand);
        return user == TokenUser ? new RegistryCredential("", secret, IsIdentityToken: true) : new RegistryCredential(user, secret);
    }

    /// <summary>The keys of the registries that it has a credential of.</summary>
    public async Task<IEnumerable<string>> ListAsync(CancellationToken cancel)
    {
        var answer = await RunAsync("list", "", cancel).ConfigureAwait(false);
        return answer.ExitCode == 0 ? Parse(answer.Output).Properties().Select(property => property.Name) : throw Failed("list", answer);
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
        var answer = await RunAsync("store", input.ToString(Newtonsoft.Json.Formatting.None), cancel).ConfigureAwait(false);
        // What it printed may repeat its input, the secret: it is not passed on.
        if (answer.ExitCode != 0)
            throw Failed("store", answer with { Output = "", Error = "" });
    }

    /// <summary>Forgets a registry's credential.</summary>
    public async Task EraseAsync(string key, CancellationToken cancel)
    {
        var answer = await RunAsync("erase", key, cancel).ConfigureAwait(false);
        if (answer.ExitCode != 0 && !answer.HasNone)
            throw Failed("erase", answer);
    }

    private async Task<Answer> RunAsync(string verb, string input, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        using var process = Start(verb);
        try
        {
            var (output, error) = (ReadAsync(process, process.StandardOutput, limit.Token), ReadAsync(process, process.StandardError, limit.Token));
            await WriteAsync(process, input, limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return new Answer(process.ExitCode, (await output.ConfigureAwait(false)).Trim(), (await error.ConfigureAwait(false)).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancel.ThrowIfCancellationRequested();
            throw new CredentialStoreException($"{Program} {verb} did not end within {Limit.TotalSeconds} s", "run it by hand: it may wait for input");
        }
    }

    private async Task<string> ReadAsync(Process process, StreamReader reader, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        for (int count; (count = await reader.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
        {
            if (text.Append(buffer, 0, count).Length <= MaximumOutput)
                continue;
            process.Kill(entireProcessTree: true);
            throw new CredentialStoreException($"{Program} printed more than {MaximumOutput} characters", ByHand);
        }
        return text.ToString();
    }

    private Process Start(string verb)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Find(), verb)
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
            throw Missing(e.Message, e);
        }
    }

    // On the PATH only: .NET would look in the current folder first, which may be anybody's checkout.
    private string Find() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         where Path.IsPathFullyQualified(folder) && Program == Path.GetFileName(Program)
         from extension in Extensions
         let file = Path.Combine(folder, Program + extension)
         where File.Exists(file)
         select file).FirstOrDefault() ?? throw Missing("it is not on the PATH");

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
            throw new CredentialStoreException($"{Program} printed something that is not JSON", ByHand);
        }
    }

    private CredentialStoreException Missing(string reason, Exception? cause = null) => new(
        $"Docker's config.json says that {Program} keeps the credentials, but it cannot be run: {reason}",
        "install it, or take credsStore and credHelpers out of config.json", cause);

    private CredentialStoreException Failed(string verb, Answer answer) => new(
        $"{Program} {verb} ended with exit code {answer.ExitCode}{(answer.Message.Length == 0 ? "" : $": {answer.Message}")}", ByHand);

    // docker-credential-helpers: failures are told on standard output; programs that know it less well use the other.
    private sealed record Answer(int ExitCode, string Output, string Error)
    {
        public bool HasNone => (Output + Error).Contains(NotFound, StringComparison.Ordinal);

        // An answer that failed half way may hold a secret: what looks like one is not passed on.
        public string Message => (Error.Length > 0 ? Error : Output) is var said && said.StartsWith('{') ? "" : said[..Math.Min(said.Length, MaximumMessage)];
    }
}
