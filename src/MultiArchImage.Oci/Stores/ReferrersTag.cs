using System.Text.RegularExpressions;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>Tags that say by their name which manifest they are about.</summary>
public static partial class ReferrersTag
{
    // distribution-spec: Referrers Tag Schema cuts the encoded part to 64 characters, which sha256 has.
    private const int MaximumHexLength = 64;

    private static readonly string[] CosignSuffixes = [".sig", ".att", ".sbom"];

    /// <summary>The tag of the index of a manifest's referrers: <c>sha256-HEX</c> (distribution-spec: Referrers Tag Schema).</summary>
    public static string Of(Digest subject) => $"{subject.Algorithm}-{subject.Hex[..Math.Min(subject.Hex.Length, MaximumHexLength)]}";

    /// <summary>The tags under which cosign keeps signatures, attestations and SBOMs of a manifest.</summary>
    public static IEnumerable<string> CosignTags(Digest subject) => CosignSuffixes.Select(suffix => Of(subject) + suffix);

    /// <summary>Whether a tag is one of these, and so no name of an image.</summary>
    public static bool IsMatch(string tag) => Form().IsMatch(tag);

    [GeneratedRegex(@"^sha(?:256|512)-[0-9a-f]{64}(?:\.[a-z]+)?\z")]
    private static partial Regex Form();
}
