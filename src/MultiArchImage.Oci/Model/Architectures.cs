namespace MultiArchImage.Oci.Model;

/// <summary>The words for processor architectures: GOARCH, and what people and <c>uname -m</c> say instead.</summary>
public static class Architectures
{
    private static readonly Dictionary<string, (string Architecture, string? Variant)> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["amd64"] = ("amd64", null),
        ["x86_64"] = ("amd64", null),
        ["x86-64"] = ("amd64", null),
        ["386"] = ("386", null),
        ["i386"] = ("386", null),
        ["i686"] = ("386", null),
        ["arm64"] = ("arm64", null),
        ["aarch64"] = ("arm64", null),
        ["arm64v8"] = ("arm64", "v8"),
        ["arm"] = ("arm", null),
        ["armhf"] = ("arm", "v7"),
        ["armel"] = ("arm", "v6"),
        ["armv5"] = ("arm", "v5"),
        ["armv6"] = ("arm", "v6"),
        ["armv6l"] = ("arm", "v6"),
        ["armv7"] = ("arm", "v7"),
        ["armv7l"] = ("arm", "v7"),
        ["armv8"] = ("arm", "v8"),
        ["arm32v5"] = ("arm", "v5"),
        ["arm32v6"] = ("arm", "v6"),
        ["arm32v7"] = ("arm", "v7"),
        ["ppc64le"] = ("ppc64le", null),
        ["ppc64"] = ("ppc64", null),
        ["s390x"] = ("s390x", null),
        ["riscv64"] = ("riscv64", null),
        ["loong64"] = ("loong64", null),
        ["loongarch64"] = ("loong64", null),
        ["mips"] = ("mips", null),
        ["mipsle"] = ("mipsle", null),
        ["mips64"] = ("mips64", null),
        ["mips64le"] = ("mips64le", null),
        ["wasm"] = ("wasm", null),
    };

    /// <summary>Every word that is understood, longest first, so that <c>arm64v8</c> is found before <c>arm64</c>.</summary>
    public static IReadOnlyList<string> AllWords { get; } = [.. Words.Keys.OrderByDescending(word => word.Length).ThenBy(word => word, StringComparer.Ordinal)];

    /// <summary>Whether the word names an architecture.</summary>
    public static bool IsKnown(string word) => Words.ContainsKey(word);

    /// <summary>The GOARCH word and, if the alias says so, the variant; an unknown word stays as it is.</summary>
    public static (string Architecture, string? Variant) Canonical(string word) =>
        Words.TryGetValue(word, out var known) ? known : (word, null);

    /// <summary>The variant that is meant where none is written (containerd: <c>platforms.Normalize</c>).</summary>
    public static string? UsualVariant(string architecture) => architecture switch
    {
        "arm64" => "v8",
        "arm" => "v7",
        "amd64" => "v1",
        _ => null,
    };

    /// <summary>The word for the architecture of a platform in a tag: <c>amd64</c>, <c>arm64</c>, <c>armv7</c>.</summary>
    public static string TagWord(Platform platform) =>
        platform.Variant is null || platform.Variant == UsualVariantLeftOut(platform.Architecture)
            ? platform.Architecture
            : platform.Architecture + platform.Variant;

    // arm/v7 is written armv7 in tags, since plain arm is ambiguous there; arm64/v8 and amd64/v1 are written without.
    private static string? UsualVariantLeftOut(string architecture) => architecture == "arm" ? null : UsualVariant(architecture);
}
