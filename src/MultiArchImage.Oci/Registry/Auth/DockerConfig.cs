using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>
/// The credentials of a document in the form of Docker's <c>config.json</c>: <c>auths</c>, <c>credHelpers</c>, <c>credsStore</c>. Fields that
/// this type does not know are kept.
/// </summary>
internal sealed class DockerConfig(JObject json, string name)
{
    // What docker login calls Docker Hub, since before there were other registries.
    private const string DockerHubKey = "https://index.docker.io/v1/";

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
            throw new CredentialStoreException(e.Message, "mend or remove it", e);
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
            return Parse(await File.ReadAllTextAsync(path, cancel).ConfigureAwait(false), path);
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

    /// <summary>The helper that keeps a registry's credential; null where the document itself does.</summary>
    public CredentialHelper? HelperFor(string registry) =>
        Keys(registry).Select(key => (json["credHelpers"] as JObject)?.Text(key)).FirstOrDefault(helper => !string.IsNullOrEmpty(helper)) is { } own
            ? new CredentialHelper(own)
            : json.Text("credsStore") is { Length: > 0 } store ? new CredentialHelper(store) : null;

    /// <summary>The key under which Docker knows a registry.</summary>
    public static string KeyOf(string registry) => registry == ImageReference.DockerHub ? DockerHubKey : registry;

    /// <summary>The credential that the document itself holds; null where there is none.</summary>
    public RegistryCredential? Find(string registry)
    {
        if (json["auths"] is not JObject auths)
            return null;
        var keys = Keys(registry);
        var entry = auths.Properties().FirstOrDefault(property => keys.Contains(Normalize(property.Name)))?.Value as JObject;
        return entry is null ? null : Read(entry, registry);
    }

    /// <summary>Puts a credential into the document.</summary>
    public void Set(string registry, RegistryCredential credential)
    {
        Remove(registry);
        if (json["auths"] is not JObject auths)
            json["auths"] = auths = [];
        auths[KeyOf(registry)] = credential.IsIdentityToken
            ? new JObject { ["auth"] = Encode(credential.UserName, ""), ["identitytoken"] = credential.Secret }
            : new JObject { ["auth"] = Encode(credential.UserName, credential.Secret) };
    }

    /// <summary>Takes a registry's credential out; false where there was none.</summary>
    public bool Remove(string registry)
    {
        var keys = Keys(registry);
        var found = (json["auths"] as JObject)?.Properties().Where(property => keys.Contains(Normalize(property.Name))).ToList() ?? [];
        found.ForEach(property => property.Remove());
        return found.Count > 0;
    }

    /// <summary>Writes the document: whole or not at all, and readable by its owner only.</summary>
    public async Task WriteAsync(CancellationToken cancel)
    {
        try
        {
            var folder = Path.GetDirectoryName(name)!;
            Directory.CreateDirectory(folder);
            var temporary = Path.Combine(folder, $".config.json.{Guid.NewGuid():N}");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var file = new FileStream(temporary, options);
            await using (file.ConfigureAwait(false))
                await file.WriteAsync(Encoding.UTF8.GetBytes(json.ToString()), cancel).ConfigureAwait(false);
            // Where config.json is a link, as dotfile managers make it, what it points to is replaced, not the link.
            var final = File.Exists(name) ? File.ResolveLinkTarget(name, returnFinalTarget: true)?.FullName : null;
            File.Move(temporary, final ?? name, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CredentialStoreException($"{name} cannot be written: {e.Message}", "check the folder's owner and mode, or use -SessionOnly", e);
        }
    }

    private RegistryCredential? Read(JObject entry, string registry)
    {
        if (entry.Text("identitytoken") is { Length: > 0 } token)
            return new RegistryCredential(entry.Text("username") ?? "", token, IsIdentityToken: true);
        if (entry.Text("username") is { Length: > 0 } user && entry.Text("password") is { } password)
            return new RegistryCredential(user, password);
        if (entry.Text("auth") is not { Length: > 0 } auth)
            return null;
        try
        {
            // A password may hold colons, a user name may not.
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(auth)).TrimEnd('\0');
            var colon = text.IndexOf(':');
            return colon > 0 ? new RegistryCredential(text[..colon], text[(colon + 1)..]) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new CredentialStoreException($"{name} has an entry for {registry} that is not the base64 of user:password", "run Connect-ArchRegistry again");
        }
    }

    private static string Encode(string user, string secret) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret}"));

    private static HashSet<string> Keys(string registry) => registry == ImageReference.DockerHub
        ? [DockerHubKey, "index.docker.io", "docker.io", "registry-1.docker.io"]
        : [registry];

    // Older clients wrote URLs; the host is what counts.
    private static string Normalize(string key)
    {
        if (key == DockerHubKey)
            return key;
        var start = key.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
        return key[start..].Split('/')[0].ToLowerInvariant();
    }
}
