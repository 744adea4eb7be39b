using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace MultiArchImage.Oci.Model;

/// <summary>
/// The content address of a blob or manifest, <c>algorithm:hex</c>, as in image-spec: Digests.
/// A <see cref="Digest"/> that exists is well-formed: only registered algorithms, only lower-case hex of the right length.
/// </summary>
public sealed record Digest : IComparable<Digest>
{
    private const int ShortHexLength = 12;

    private Digest(string algorithm, string hex) => (Algorithm, Hex) = (algorithm, hex);

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    public string Algorithm { get; }

    /// <summary>The hash in lower-case hexadecimal: 64 or 128 characters.</summary>
    public string Hex { get; }

    /// <summary>The algorithm and the first 12 characters, for views.</summary>
    public string Short => $"{Algorithm}:{Hex[..ShortHexLength]}";

    /// <summary>The <see cref="Short"/> form of a digest's text, for views; empty for none, the text itself where it is no digest.</summary>
    public static string Shorten(string? text) => TryParse(text, out var digest) ? digest.Short : text ?? "";

    /// <summary>Reads <c>sha256:…</c> or <c>sha512:…</c>.</summary>
    /// <exception cref="FormatException">The text is not a digest of a registered algorithm.</exception>
    public static Digest Parse(string text) => TryParse(text, out var digest)
        ? digest
        : throw new FormatException($"'{text}' is not a digest: expected sha256: and 64, or sha512: and 128, lower-case hexadecimal characters.");

    /// <summary>Reads a digest without throwing.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = null;
        var colon = text?.IndexOf(':') ?? -1;
        if (colon < 0)
            return false;
        var (algorithm, hex) = (text![..colon], text[(colon + 1)..]);
        if (hex.Length != HexLength(algorithm) || !hex.All(char.IsAsciiHexDigitLower))
            return false;
        digest = new Digest(algorithm, hex);
        return true;
    }

    /// <summary>The sha256 digest of <paramref name="content"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> content) => FromHash("sha256", SHA256.HashData(content));

    /// <summary>An incremental hash of this digest's algorithm.</summary>
    public IncrementalHash CreateHash() =>
        IncrementalHash.CreateHash(Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    /// <summary>Makes a digest of the raw bytes of a finished hash.</summary>
    public static Digest FromHash(string algorithm, ReadOnlySpan<byte> hash) => Parse($"{algorithm}:{Convert.ToHexString(hash).ToLowerInvariant()}");

    /// <summary>Whether <paramref name="content"/> is what this digest names.</summary>
    public bool Matches(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        var length = Algorithm == "sha512" ? SHA512.HashData(content, hash) : SHA256.HashData(content, hash);
        return FromHash(Algorithm, hash[..length]) == this;
    }

    /// <inheritdoc/>
    public int CompareTo(Digest? other) => string.CompareOrdinal(ToString(), other?.ToString());

    /// <summary><c>algorithm:hex</c>.</summary>
    public override string ToString() => $"{Algorithm}:{Hex}";

    private static int HexLength(string algorithm) => algorithm switch
    {
        "sha256" => 2 * SHA256.HashSizeInBytes,
        "sha512" => 2 * SHA512.HashSizeInBytes,
        _ => -1,
    };
}
