using System.Text.RegularExpressions;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Naming;

/// <summary>The way back from <c>akraino/validation:k8s-arm64-latest</c>: which word of the name is the architecture, and the name without it.</summary>
public static class ArchitectureMark
{
    private static readonly Regex Words = new(
        $@"(?<![A-Za-z0-9])(?:arm-v[5-8]|{string.Join('|', Architectures.AllWords.Select(Regex.Escape))})(?![A-Za-z0-9])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>The fat manifest's name for an image of a platform.</summary>
    /// <exception cref="NameUnderivableException">No word of the name is an architecture.</exception>
    /// <exception cref="PlatformMismatchException">Words are, but none is true of the image.</exception>
    public static ImageReference ShortName(ImageReference reference, Platform platform)
    {
        var marks = Find(reference);
        if (marks.Count == 0)
            throw new NameUnderivableException(reference.ToString(), "it has no architecture in it, like k8s-arm64-latest");
        var mark = marks.FirstOrDefault(mark => IsTrue(mark.Word, platform))
            ?? throw new PlatformMismatchException(reference.ToString(), marks[^1].Word, platform.ToString()) { Subject = reference.ToString() };
        return mark.Without ?? throw new NameUnderivableException(reference.ToString(), "without the architecture nothing is left of its tag");
    }

    /// <summary>The fat manifest's name where only one is possible, whatever the image turns out to be; null otherwise.</summary>
    public static ImageReference? OnlyShortName(ImageReference reference) => Find(reference) is [var only] ? only.Without : null;

    /// <summary>A tag with <c>{arch}</c> in the place of the last word that is an architecture; null where none is.</summary>
    public static string? ToTemplate(string tag) => Words.Matches(tag).LastOrDefault() is { } word
        ? $"{tag[..word.Index]}{TagTemplate.Mark}{tag[(word.Index + word.Length)..]}"
        : null;

    /// <summary>Whether a word of the name is an architecture.</summary>
    public static bool IsIn(ImageReference reference) => Find(reference).Count > 0;

    /// <summary>Whether what the name says of the architecture, if it says anything, is true of the image.</summary>
    public static bool IsTruthful(ImageReference reference, Platform platform, out string? claimed)
    {
        var marks = Find(reference);
        claimed = marks.LastOrDefault()?.Word;
        return marks.Count == 0 || marks.Any(mark => IsTrue(mark.Word, platform));
    }

    private static bool IsTrue(string word, Platform platform)
    {
        var (architecture, variant) = Architectures.Canonical(word.Replace("-v", "v", StringComparison.Ordinal));
        return architecture == platform.Architecture
            && (variant is null || variant == (platform.Variant ?? Architectures.UsualVariant(architecture)));
    }

    // In the tag first; a repository such as svc-arm64 counts only where the tag says nothing.
    private static IReadOnlyList<Found> Find(ImageReference reference)
    {
        var tag = reference.Tag ?? "";
        var inTag = Words.Matches(tag).Select(match => new Found(match.Value.ToLowerInvariant(), WithTag(reference, Cut(tag, match)))).ToList();
        if (inTag.Count > 0 || reference.IsFile)
            return inTag;
        return [.. Words.Matches(reference.Repository)
            .Select(match => new Found(match.Value, WithRepository(reference, Cut(reference.Repository, match))))];
    }

    private static string? Cut(string text, Match match) => TagTemplate.Without(text[..match.Index], text[(match.Index + match.Length)..]);

    private static ImageReference? WithTag(ImageReference reference, string? tag) =>
        tag is not null && ImageReference.IsTag(tag) ? reference.WithTag(tag) : null;

    private static ImageReference? WithRepository(ImageReference reference, string? repository) =>
        ImageReference.TryParse($"{reference.Registry}/{repository}:{reference.Tag ?? ImageReference.DefaultTag}", out var result) ? result : null;

    private sealed record Found(string Word, ImageReference? Without);
}
