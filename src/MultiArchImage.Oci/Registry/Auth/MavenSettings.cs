using System.Xml;
using System.Xml.Linq;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>
/// The servers of a Maven settings file, where the Linux Foundation's Jenkins keeps users and passwords of registries: <c>settings/servers/server</c>
/// with <c>id</c>, <c>username</c> and <c>password</c> (Maven: Settings Reference, Servers).
/// </summary>
/// <param name="path">The file.</param>
public sealed class MavenSettings(string path)
{
    // A file for people; one that is larger is another.
    private const int MaximumCharacters = 4 * 1024 * 1024;

    /// <summary>The user and password of a server: by its very id, else by the only id that begins with it.</summary>
    /// <param name="server">The id; mostly host and port of a registry.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="CredentialStoreException">The file cannot be read, has no such server, several, or an encrypted password.</exception>
    public async Task<RegistryCredential> FindAsync(string server, CancellationToken cancel)
    {
        var servers = (await ReadAsync(cancel).ConfigureAwait(false)).Descendants().Where(element => element.Name.LocalName == "server").ToList();
        var found = servers.FirstOrDefault(element => Value(element, "id") == server) ?? OnlyOneThatBegins(servers, server);
        var (user, password) = (Value(found, "username"), Value(found, "password"));
        if (user.Length == 0 || password.Length == 0)
            throw Failure($"its server '{server}' has no username or no password", "fill both in");
        // Maven: Password Encryption. Only the Maven of the user who has the master password can read it.
        if (password is ['{', .., '}'])
            throw Failure($"the password of its server '{server}' is encrypted", "give a settings file with the plain password, as Jenkins provides it");
        return new RegistryCredential(user, password);
    }

    private XElement OnlyOneThatBegins(List<XElement> servers, string server) =>
        servers.Where(element => Value(element, "id").StartsWith(server, StringComparison.Ordinal)).ToList() switch
        {
            [var only] => only,
            [] => throw Failure($"it has no server '{server}'", $"it has {Ids(servers)}; give one with -Server"),
            var several => throw Failure($"several of its servers begin with '{server}': {Ids(several)}", "give one with -Server"),
        };

    private async Task<XDocument> ReadAsync(CancellationToken cancel)
    {
        // No document type, and nothing from elsewhere: a settings file is a secret, and no program.
        var settings = new XmlReaderSettings
        {
            Async = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaximumCharacters,
        };
        try
        {
            using var reader = XmlReader.Create(path, settings);
            return await XDocument.LoadAsync(reader, LoadOptions.None, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // The message of the parser can quote the text, which can be a password.
            throw Failure(e is XmlException xml ? $"line {xml.LineNumber} is not XML of a settings file" : "it cannot be read", "check the path and the file");
        }
    }

    private static string Value(XElement server, string name) =>
        server.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value.Trim() ?? "";

    private static string Ids(IReadOnlyList<XElement> servers) =>
        servers.Count == 0 ? "no servers" : string.Join(", ", servers.Select(element => $"'{Value(element, "id")}'"));

    private CredentialStoreException Failure(string reason, string remedy) => new($"{path} gives no credential: {reason}", remedy) { Subject = path };
}
