using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Model;

/// <summary>
/// What machine an image runs on, <c>os/arch[/variant]</c> in GOOS and GOARCH words, and for Windows its build:
/// image-spec: Image Index, property <c>platform</c>.
/// </summary>
/// <remarks>
/// Two ways to compare: <c>==</c> tells whether two platforms are written the same; <see cref="IsSameMachineAs"/> tells whether they
/// mean the same machine (<c>linux/arm64</c> and <c>linux/arm64/v8</c> do, <c>linux/arm/v6</c> and <c>linux/arm/v7</c> do not).
/// </remarks>
public sealed partial record Platform : IComparable<Platform>
{
    private static readonly string[] KnownFields = ["architecture", "os", "os.version", "os.features", "variant"];

    private Platform(string os, string architecture, string? variant, string? osVersion, IReadOnlyList<string> osFeatures) =>
        (Os, Architecture, Variant, OsVersion, OsFeatures) = (os, architecture, variant, osVersion, osFeatures);

    /// <summary><c>linux</c>, <c>windows</c>, …</summary>
    public string Os { get; }

    /// <summary><c>amd64</c>, <c>arm64</c>, <c>arm</c>, …</summary>
    public string Architecture { get; }

    /// <summary><c>v7</c> of <c>arm/v7</c>; null where there is none.</summary>
    public string? Variant { get; }

    /// <summary>The Windows build, <c>10.0.17763.1432</c>; null where there is none.</summary>
    public string? OsVersion { get; }

    /// <summary>What the image needs of the operating system, <c>win32k</c>.</summary>
    public IReadOnlyList<string> OsFeatures { get; }

    /// <summary>The platform of this machine's containers: Linux, except on Windows.</summary>
    public static Platform Local { get; } = Create(
        OperatingSystem.IsWindows() ? "windows" : "linux",
        RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            var other => other.ToString().ToLowerInvariant(),
        });

    /// <summary>A platform from parts as a config or index has them: aliases of the architecture are understood, nothing else is changed.</summary>
    /// <exception cref="FormatException">A part has characters that no platform has.</exception>
    public static Platform Create(
        string os, string architecture, string? variant = null, string? osVersion = null, IEnumerable<string>? osFeatures = null)
    {
        var (canonical, implied) = Architectures.Canonical(architecture);
        variant = string.IsNullOrEmpty(variant) ? implied : variant;
        foreach (var part in new[] { os, canonical, variant ?? "none" })
        {
            if (!Part().IsMatch(part))
                throw new FormatException($"'{part}' is not part of a platform: expected os/arch[/variant], like linux/arm64 or linux/arm/v7.");
        }
        return new Platform(os, canonical, variant, string.IsNullOrEmpty(osVersion) ? null : osVersion, [.. osFeatures ?? []]);
    }

    /// <summary>
    /// Reads <c>os/arch[/variant]</c>, with the Windows build and features in brackets behind the operating system as containerd writes them:
    /// <c>windows(10.0.17763.1432)/amd64</c>, <c>windows(10.0.17763.1432+win32k)/amd64</c>. A bare architecture means Linux.
    /// </summary>
    /// <exception cref="FormatException">The text is no platform.</exception>
    public static Platform Parse(string text) => TryParse(text, out var platform)
        ? platform
        : throw new FormatException($"'{text}' is not a platform: expected os/arch[/variant], like linux/amd64, linux/arm64 or linux/arm/v7.");

    /// <summary>Reads a platform without throwing.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Platform? platform)
    {
        platform = null;
        var match = Text().Match(text?.Trim().ToLowerInvariant() ?? "");
        if (!match.Success)
            return false;
        var os = match.Groups["os"];
        var architecture = match.Groups["arch"].Value;
        // One word alone is an architecture if it is a known one; an operating system alone says too little to be a platform.
        if (!os.Success && !Architectures.IsKnown(architecture))
            return false;
        platform = Create(
            os.Success ? os.Value : "linux", architecture,
            match.Groups["variant"].Success ? match.Groups["variant"].Value : null,
            match.Groups["version"].Success ? match.Groups["version"].Value : null,
            match.Groups["feature"].Captures.Select(feature => feature.Value));
        return true;
    }

    /// <summary>
    /// The platform that an index entry or an image config states in its fields; null where os or architecture is absent or empty, as in
    /// indexes of artifacts.
    /// </summary>
    /// <exception cref="InvalidImageException">A field has characters that no platform has.</exception>
    internal static Platform? FromJson(JObject json, string document)
    {
        var (os, architecture) = (json.Text("os"), json.Text("architecture"));
        if (string.IsNullOrEmpty(os) || string.IsNullOrEmpty(architecture))
            return null;
        try
        {
            return Create(os, architecture, json.Text("variant"), json.Text("os.version"), json.Texts("os.features"));
        }
        catch (FormatException e)
        {
            throw new InvalidImageException(document, $"states a platform that is none: {e.Message}", e);
        }
    }

    /// <summary>The platform as an index entry has it, with the fields of <paramref name="source"/> that this type does not know.</summary>
    internal JObject ToJson(JObject? source = null)
    {
        var json = new JObject { ["architecture"] = Architecture, ["os"] = Os };
        if (OsVersion is not null)
            json["os.version"] = OsVersion;
        if (OsFeatures.Count > 0)
            json["os.features"] = new JArray(OsFeatures);
        if (Variant is not null)
            json["variant"] = Variant;
        json.AddUnknown(source, KnownFields);
        return json;
    }

    /// <summary>
    /// Whether an image of this platform is one for <paramref name="other"/>: same system, architecture and variant, where a missing variant is
    /// the architecture's usual one (containerd: <c>platforms.Normalize</c>); on Windows also the same build, if both name one.
    /// </summary>
    public bool IsSameMachineAs(Platform other) =>
        Os == other.Os && Architecture == other.Architecture && UsualVariant == other.UsualVariant && IsSameBuildAs(other);

    /// <summary>
    /// Whether what an index states, this platform, is true of an image with the platform <paramref name="config"/>. Many configs leave the variant
    /// out that the index has to state.
    /// </summary>
    public bool IsTrueOf(Platform config) => (config.Variant is null ? WithoutVariant : this).IsSameMachineAs(config);

    /// <summary>A text that is equal for platforms that a runtime cannot tell apart; what a fat manifest may hold only once.</summary>
    public string Identity => $"{OsText}/{Architecture}/{UsualVariant}";

    /// <summary><c>os/arch[/variant]</c>, with the Windows build and features in brackets; <see cref="Parse"/> reads it back.</summary>
    public override string ToString() => $"{OsText}/{Architecture}{(Variant is null ? "" : $"/{Variant}")}";

    /// <inheritdoc/>
    public bool Equals(Platform? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(Platform? other) => string.CompareOrdinal(Identity, other?.Identity);

    private string OsText => OsVersion is null && OsFeatures.Count == 0 ? Os : $"{Os}({string.Join('+', OsFeatures.Prepend(OsVersion ?? ""))})";

    private Platform WithoutVariant => new(Os, Architecture, null, OsVersion, OsFeatures);

    private string? UsualVariant => Variant ?? Architectures.UsualVariant(Architecture);

    // Windows containers run on their own build only; the revision (fourth number) does not matter.
    private bool IsSameBuildAs(Platform other) =>
        OsVersion is null || other.OsVersion is null || Build(OsVersion) == Build(other.OsVersion);

    private static string Build(string version) => string.Join('.', version.Split('.').Take(3));

    [GeneratedRegex(@"^(?:(?<os>[a-z0-9_-]+)(?:\((?<version>[0-9a-z._-]+)?(?:\+(?<feature>[0-9a-z._-]+))*\))?/)?(?<arch>[a-z0-9_-]+)(?:/(?<variant>[a-z0-9._-]+))?\z")]
    private static partial Regex Text();

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    private static partial Regex Part();
}
