using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>
/// The credentials of a document in the form of Docker's <c>config.json</c>: <c>auths</c>, <c>credHelpers</c>, <c>credsStore</c>. Fields that
/// this type does not know are kept.
/// </summary>
/// <param name="json">The document.</param>
/// <param name="name">The file, or the variable of the environment, that holds it.</param>
internal sealed class DockerConfig(JObject json, string name)
{
    // A config is a few kilobytes; a gigabyte of it is a mistake.
    private const int MaximumSize = 4 * 1024 * 1024;

    /// <summary>A document of its text.</summary>
    /// <exception cref="CredentialStoreException">It is no JSON object.</exception>
    public static DockerConfig Parse(string text, string name)
    {
        try
        {
            return new DockerConfig(Json.ParseObject(Encoding.UTF8.GetBytes(text), name), name);
        }
        catch (InvalidImageException e)
        {
            // The message of the parser can quote the text, which can be a password.
            var line = e.InnerException switch
            {
                JsonReaderException twice => twice.LineNumber,
                System.Text.Json.JsonException wrong => wrong.LineNumber + 1,
                _ => null,
            };
            var place = line > 0 ? $" (line {line})" : "";
            throw new CredentialStoreException($"{name} holds logins, but is no JSON object{place}", "mend or remove it");
        }
    }

    /// <summary>A document of a file; one that is not there is empty.</summary>
    /// <exception cref="CredentialStoreException">It cannot be read, or is no JSON object.</exception>
    public static async Task<DockerConfig> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaximumSize })
                throw new CredentialStoreException($"{path} is larger than {MaximumSize} bytes", "mend or remove it");
            // As others have it open: docker replaces it, an editor holds it, and Windows would refuse either of the two.
            using var reader = new StreamReader(LayoutFolder.OpenRead(path));
            return Parse(await reader.ReadToEndAsync(cancel).ConfigureAwait(false), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new DockerConfig([], path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CredentialStoreException($"{path} cannot be read: {e.Message}", "check its owner and mode", e);
        }
    }

    /// <summary>The file, or the variable of the environment, that holds it.</summary>
    public string Name => name;

    /// <summary>The registries that it names: those whose logins it holds, and those that have a helper of their own.</summary>
    public IEnumerable<string> Registries => Keys("auths").Concat(Keys("credHelpers")).Select(key => key.Key.Registry).Distinct();

    /// <summary>The helper that keeps what none is named for (<c>credsStore</c>); null where the document itself does.</summary>
    public CredentialHelper? Store => json.Text("credsStore") is { Length: > 0 } store ? new CredentialHelper(store) : null;

    /// <summary>The helper that keeps a registry's credential; null where the document itself does.</summary>
    public CredentialHelper? HelperFor(string registry) =>
        Keys("credHelpers").Where(key => key.Key == new LoginKey(registry)).Select(key => (string?)(key.Value as JValue)).FirstOrDefault(name => !string.IsNullOrEmpty(name)) is { } own
            ? new CredentialHelper(own)
            : Store;

    /// <summary>The credential that the document itself holds for a registry; null where there is none.</summary>
    public RegistryCredential? Find(string registry) => Entries(new LoginKey(registry)).FirstOrDefault();

    /// <summary>The credential of the longest namespace that a repository is in (containers-auth.json: Format); null where there is none.</summary>
    public RegistryCredential? Find(string registry, string repository)
    {
        for (var path = repository; ; path = path[..path.LastIndexOf('/')])
        {
            if (Entries(new LoginKey(registry, path)).FirstOrDefault() is { } found)
                return found;
            if (!path.Contains('/'))
                return null;
        }
    }

    /// <summary>Puts a credential into the document.</summary>
    public void Set(string registry, RegistryCredential credential) => Put(registry, credential.IsIdentityToken
        ? new JObject { ["auth"] = Encode(credential.UserName, ""), ["identitytoken"] = credential.Secret }
        : new JObject { ["auth"] = Encode(credential.UserName, credential.Secret) });

    /// <summary>Puts down that there is a login, which a helper keeps; as Docker does. False where that is there.</summary>
    public bool SetKept(string registry)
    {
        if (Keys("auths").Any(key => key.Key == new LoginKey(registry) && key.Value is JObject { Count: 0 }))
            return false;
        Put(registry, []);
        return true;
    }

    /// <summary>Takes a registry's credential out; false where there was none.</summary>
    public bool Remove(string registry)
    {
        var found = Keys("auths").Where(key => key.Key == new LoginKey(registry)).Select(key => key.Value.Parent!).ToList();
        found.ForEach(property => property.Remove());
        return found.Count > 0;
    }

    /// <summary>Writes the document: whole or not at all, and readable by its owner only.</summary>
    public async Task WriteAsync(CancellationToken cancel)
    {
        try
        {
            // Where config.json is a link, as dotfile managers make it, what it points to is replaced, not the link.
            var final = (File.Exists(name) ? File.ResolveLinkTarget(name, returnFinalTarget: true)?.FullName : null) ?? name;
            var folder = Path.GetDirectoryName(final)!;
            Directory.CreateDirectory(folder);
            var temporary = Path.Combine(folder, $".config.json.{Guid.NewGuid():N}");
            try
            {
                await WriteAsync(temporary, cancel).ConfigureAwait(false);
                await WholeFile.RenameAsync(temporary, final, cancel).ConfigureAwait(false);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CredentialStoreException($"{name} cannot be written: {e.Message}", "check the folder's owner and mode, or use -SessionOnly", e);
        }
    }

    private async Task WriteAsync(string path, CancellationToken cancel)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(json.ToString()), cancel).ConfigureAwait(false);
            // A machine that stops now must not leave an empty file under the name that takes its place.
            file.Flush(flushToDisk: true);
        }
    }

    private void Put(string registry, JObject entry)
    {
        Remove(registry);
        if (json["auths"] is not JObject auths)
            json["auths"] = auths = [];
        auths[LoginKey.Write(registry)] = entry;
    }

    // The key as it is written now goes before how older clients wrote it.
    private IEnumerable<RegistryCredential> Entries(LoginKey key) => Keys("auths")
        .Where(entry => entry.Key == key)
        .OrderByDescending(entry => entry.Text == LoginKey.Write(key.Registry))
        .Select(entry => entry.Value is JObject value ? Read(value, key.Registry) : null)
        .OfType<RegistryCredential>();

    private IEnumerable<(LoginKey Key, string Text, JToken Value)> Keys(string field) =>
        (json[field] as JObject)?.Properties().Select(property => (LoginKey.Parse(property.Name), property.Name, property.Value)) ?? [];

    private RegistryCredential? Read(JObject entry, string registry)
    {
        var (user, password) = entry.Text("auth") is { Length: > 0 } auth ? Decode(auth, registry) : (entry.Text("username") ?? "", entry.Text("password"));
        if (entry.Text("identitytoken") is { Length: > 0 } token)
            return new RegistryCredential(user, token, IsIdentityToken: true);
        return user.Length > 0 && password is not null ? new RegistryCredential(user, password) : null;
    }

    private static string Encode(string user, string secret) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret}"));

    private (string User, string Password) Decode(string auth, string registry)
    {
        try
        {
            // A password may hold colons, a user name may not.
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(auth)).TrimEnd('\0');
            var colon = text.IndexOf(':');
            return colon >= 0 ? (text[..colon], text[(colon + 1)..]) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new CredentialStoreException($"{name} has an entry for {registry} that is not the base64 of user:password", "run Connect-ArchRegistry again");
        }
    }
}
