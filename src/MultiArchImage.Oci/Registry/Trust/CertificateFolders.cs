namespace MultiArchImage.Oci.Registry.Trust;

/// <summary>
/// Where certificates of registries are kept, as docker and podman have it (<c>certs.d</c>): a folder for each registry, <c>HOST</c> or <c>HOST:PORT</c>,
/// with authorities in <c>*.crt</c> and client certificates in <c>*.cert</c> beside their <c>*.key</c>.
/// </summary>
/// <param name="Roots">The folders that hold them; the first that has one for a registry counts.</param>
public sealed record CertificateFolders(IReadOnlyList<string> Roots)
{
    private static readonly string[] Tools = ["containers", "docker"];

    /// <summary>None at all.</summary>
    public static CertificateFolders None { get; } = new([]);

    /// <summary>
    /// Those of this user and machine: <c>containers/certs.d</c> and <c>docker/certs.d</c> in <c>XDG_CONFIG_HOME</c> or <c>~/.config</c>, then in
    /// <c>/etc</c>; on Windows <c>%ProgramData%\docker\certs.d</c>.
    /// </summary>
    public static CertificateFolders OfProcess()
    {
        if (OperatingSystem.IsWindows())
            return new([Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "docker", "certs.d")]);
        var user = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { } given && Path.IsPathFullyQualified(given)
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        string[] roots = [user, "/etc"];
        return new([.. roots.SelectMany(root => Tools.Select(tool => Path.Combine(root, tool, "certs.d")))]);
    }

    /// <summary>The folder of a registry; null where it has none.</summary>
    /// <param name="authority">Host and port, or the host alone where the port is 443.</param>
    public string? Find(string authority)
    {
        var bare = authority.EndsWith(":443", StringComparison.Ordinal) ? authority[..^":443".Length] : authority;
        var hasPort = bare.LastIndexOf(':') > bare.LastIndexOf(']');
        var names = hasPort ? new[] { bare } : [bare, $"{bare}:443"];
        return Roots.SelectMany(root => names.Select(name => Path.Combine(root, FileName(name)))).FirstOrDefault(Directory.Exists);
    }

    /// <summary>Where the folder of a registry would be, for all users of this machine.</summary>
    public string Suggest(string authority) => Path.Combine(Roots.Count > 0 ? Roots[^1] : "certs.d", FileName(authority));

    // Windows has no colons in names: docker leaves them out there.
    private static string FileName(string authority) => OperatingSystem.IsWindows() ? authority.Replace(":", "", StringComparison.Ordinal) : authority;
}
