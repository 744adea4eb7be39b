using MultiArchImage.Oci.Model;

namespace MultiArchImage.Building.Daemonless;

/// <summary>The values of ARG that come from outside: what the user gave, and the platforms (Dockerfile reference: Automatic platform ARGs).</summary>
internal sealed class BuildVariables
{
    /// <summary>The time of everything that the build makes, in seconds since 1970 (reproducible-builds.org: SOURCE_DATE_EPOCH).</summary>
    public const string SourceDateEpoch = "SOURCE_DATE_EPOCH";

    // Docker takes these without an ARG.
    private static readonly string[] Predefined =
        [SourceDateEpoch, "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];

    private readonly IReadOnlyDictionary<string, string> _given;
    private readonly Dictionary<string, string?> _global;

    public BuildVariables(IReadOnlyDictionary<string, string> given, Platform target)
    {
        // Files are copied, no program runs: the machine counts as one for Linux, wherever it is.
        var build = Platform.Create("linux", Platform.Local.Architecture, Platform.Local.Variant);
        _given = given;
        _global = Words("TARGET", target).Concat(Words("BUILD", build)).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>The value of an ARG that stands before the first FROM, or of a platform.</summary>
    public string? Global(string name) => _given.TryGetValue(name, out var given) && _global.ContainsKey(name) ? given : _global.GetValueOrDefault(name);

    /// <summary>Declares an ARG before the first FROM.</summary>
    public void DeclareGlobal(string name, string? byDefault) => _global[name] = Choose(name, byDefault);

    /// <summary>The value of an ARG: the given one, else its default, else that of the same name before the first FROM.</summary>
    public string? Choose(string name, string? byDefault) =>
        _given.TryGetValue(name, out var given) ? given : byDefault ?? _global.GetValueOrDefault(name);

    /// <summary>The names that were given but that no ARG asks for.</summary>
    public IEnumerable<string> Unused(IEnumerable<string> declared) => _given.Keys.Except(declared).Except(_global.Keys).Except(Predefined).Order();

    private static IEnumerable<KeyValuePair<string, string?>> Words(string prefix, Platform platform) =>
    [
        new($"{prefix}PLATFORM", platform.ToString()), new($"{prefix}OS", platform.Os), new($"{prefix}ARCH", platform.Architecture),
        new($"{prefix}VARIANT", platform.Variant ?? ""),
    ];
}
