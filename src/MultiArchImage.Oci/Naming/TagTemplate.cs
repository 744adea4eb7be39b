using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Naming;

/// <summary>
/// A name with the place of the architecture in it, <c>akraino/validation:k8s-{arch}-latest</c>: it gives the name of each platform's
/// image and, with the mark and one separator beside it taken away, the fat manifest's.
/// </summary>
public sealed class TagTemplate
{
    /// <summary>What stands where the architecture goes.</summary>
    public const string Mark = "{arch}";

    private const string Separators = "-_./";
    private readonly string _before;
    private readonly string _after;
    private readonly Platform? _unmarked;

    private TagTemplate(string before, string after, Platform? unmarked = null) => (_before, _after, _unmarked) = (before, after, unmarked);

    /// <summary>The name without the architecture: <c>akraino/validation:k8s-latest</c>.</summary>
    /// <exception cref="NameUnderivableException">Nothing is left of the tag.</exception>
    public ImageReference ShortName => Without(_before, _after) is { } name && ImageReference.TryParse(name, out var reference)
        ? reference
        : throw new NameUnderivableException(ToString(), "without the architecture nothing is left of it");

    /// <summary>Reads a name with <c>{arch}</c> in it once.</summary>
    /// <exception cref="InvalidReferenceException">The mark is missing, there twice, or the rest is no reference.</exception>
    public static TagTemplate Parse(string text)
    {
        var parts = text.Split(Mark);
        if (parts.Length != 2)
            throw new InvalidReferenceException(text, parts.Length < 2 ? $"it has no {Mark}" : $"it has {Mark} more than once", $"write {Mark} once, like k8s-{Mark}-latest");
        _ = ImageReference.Parse(string.Join("amd64", parts));
        return new TagTemplate(parts[0], parts[1]);
    }

    /// <summary>
    /// The template of a place and a tag. Where neither has <c>{arch}</c>, it goes before the last <c>-</c> part of the tag:
    /// <c>k8s-latest</c> becomes <c>k8s-{arch}-latest</c>, <c>latest</c> becomes <c>{arch}-latest</c>.
    /// </summary>
    public static TagTemplate For(string place, string tag)
    {
        if (place.Contains(Mark, StringComparison.Ordinal) || tag.Contains(Mark, StringComparison.Ordinal))
            return Parse($"{place}:{tag}");
        var dash = tag.LastIndexOf('-');
        return Parse($"{place}:{tag[..(dash + 1)]}{Mark}-{tag[(dash + 1)..]}");
    }

    /// <summary>The template where the images of one platform have the name without the architecture; null for none.</summary>
    public TagTemplate WithUnmarked(Platform? platform) => new(_before, _after, platform);

    /// <summary>Whether images of the platform have the name without the architecture.</summary>
    public bool IsUnmarked(Platform platform) => _unmarked?.IsSameMachineAs(platform) == true;

    /// <summary>The name of the image for one platform.</summary>
    public ImageReference For(Platform platform) => IsUnmarked(platform) ? ShortName.OrLatest() : ImageReference.Parse(_before + Architectures.TagWord(platform) + _after);

    /// <summary>The place whose tags the template names.</summary>
    /// <exception cref="InvalidReferenceException">The architecture is part of the place itself.</exception>
    public ImageReference Place => _after.Contains('/') || ShortName.Place != ImageReference.Parse(_before + Platform.Local.Architecture + _after).Place
        ? throw new InvalidReferenceException(ToString(), "the architecture is in the repository, whose tags cannot be searched", "give -Platform")
        : ShortName.Place;

    /// <summary>Whether a name is the template's for some architecture, however either was shortened.</summary>
    public bool IsMatch(ImageReference reference)
    {
        var (text, before) = (reference.FullName, FullBefore);
        return text.Length > before.Length + _after.Length
            && text.StartsWith(before, StringComparison.Ordinal) && text.EndsWith(_after, StringComparison.Ordinal)
            && Architectures.IsKnown(text[before.Length..^_after.Length]);
    }

    /// <summary>The template with a path in it mapped; one of a registry name stays as it is.</summary>
    public TagTemplate MapPath(Func<string, string> map) => ShortName.IsFile
        ? Parse($"{ShortName.MapPath(map).Place}:{TagText}").WithUnmarked(_unmarked)
        : this;

    /// <summary>The template as it was written.</summary>
    public override string ToString() => _before + Mark + _after;

    // With what short names leave out: docker.io/, library/.
    private string FullBefore
    {
        get
        {
            const string any = "amd64";
            return ImageReference.Parse(_before + any + _after).FullName[..^(any.Length + _after.Length)];
        }
    }

    private string TagText => ToString() is var text ? text[(text.LastIndexOf(':') + 1)..] : "";

    // Takes one separator beside the gap away: the one behind it, unless that is where the tag or name ends.
    internal static string? Without(string before, string after)
    {
        if (after.Length > 0 && Separators.Contains(after[0]))
            return before + after[1..];
        return before.Length > 0 && Separators.Contains(before[^1]) ? before[..^1] + after : null;
    }
}
