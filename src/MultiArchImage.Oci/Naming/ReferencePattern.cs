using System.Text.RegularExpressions;

namespace MultiArchImage.Oci.Naming;

/// <summary>
/// A name with wildcards: <c>akraino/validation:k8s-*</c>. <c>*</c>, <c>?</c> and <c>[abc]</c> as in PowerShell; a pattern without a tag
/// means every tag. A folder must be written out, and so must a registry: its repositories and those of the engine can be searched.
/// </summary>
public sealed partial class ReferencePattern
{
    private const string Stand = "x";
    private readonly Regex _tag;
    private readonly Regex _place;

    // A place that is written out is literal: brackets in a path are brackets.
    private ReferencePattern(string text, ImageReference place, string? tag)
        : this(text, Compile(place.FullName, isLiteral: true), tag) => Place = place;

    private ReferencePattern(string text, Regex place, string? tag)
    {
        Text = text;
        Tag = tag;
        _place = place;
        _tag = Compile(tag ?? "*");
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>The repository, folder or archive; null where it has wildcards itself.</summary>
    public ImageReference? Place { get; private init; }

    /// <summary>The registry of a place with wildcards, host and port; null where these are in it, too.</summary>
    private string? Registry { get; init; }

    /// <summary>The tag or its pattern; null where every tag is meant.</summary>
    public string? Tag { get; }

    /// <summary>The one reference that is meant, where the pattern has no wildcard and names a tag or digest; else null.</summary>
    public ImageReference? Exact { get; private init; }

    /// <summary>The one reference that is meant where a name without a tag means <c>latest</c>; null where there are wildcards.</summary>
    public ImageReference? ExactOrLatest { get; private init; }

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="mapPath">Makes a path in it absolute; null leaves it as it is.</param>
    /// <exception cref="InvalidReferenceException">Even with its wildcards filled in, the text is no reference.</exception>
    public static ReferencePattern Parse(string text, Func<string, string>? mapPath = null)
    {
        mapPath ??= path => path;
        if (ImageReference.TryParse(text, out var exact))
        {
            exact = exact.MapPath(mapPath);
            return new ReferencePattern(text, exact.Place, exact.Tag)
            {
                Exact = exact.Tag is null && exact.Digest is null ? null : exact,
                ExactOrLatest = exact.IsFile ? exact : exact.OrLatest(),
            };
        }
        // Wildcards stand for some text: with a harmless one in their place the rest must be a reference, whose errors are the user's.
        var filled = ImageReference.Parse(Wildcard().Replace(text, Stand));
        var colon = text.LastIndexOf(':');
        var hasTag = filled.Tag is not null && colon > 0;
        var (placeText, tag) = hasTag ? (text[..colon], text[(colon + 1)..]) : (text, null);
        return ImageReference.TryParse(placeText, out var place)
            ? new ReferencePattern(text, place.MapPath(mapPath), tag)
            : new ReferencePattern(text, Compile(FullPlace(placeText, filled)), tag) { Registry = RegistryOf(placeText, filled) };
    }

    /// <summary><see cref="Place"/>, where only one place can be searched.</summary>
    /// <exception cref="InvalidReferenceException">The place has wildcards.</exception>
    public ImageReference RequirePlace() =>
        Place ?? throw new InvalidReferenceException(Text, "only the tag may have wildcards here", "write the repository out, like akraino/validation:k8s-*");

    /// <summary>The registry whose repositories the pattern means.</summary>
    /// <exception cref="InvalidReferenceException">It is not written out, or the place is a file.</exception>
    public string RequireRegistry() =>
        Registry ?? throw new InvalidReferenceException(Text, "host and path may have no wildcards here", "write them out, like hub.example.com/team/*:1.0");

    /// <summary>Whether the reference's place and tag fit.</summary>
    public bool IsMatch(ImageReference reference) => IsPlaceMatch(reference.Place) && IsTagMatch(reference.Tag ?? ImageReference.DefaultTag);

    /// <summary>Whether a place fits.</summary>
    public bool IsPlaceMatch(ImageReference place) => _place.IsMatch(place.FullName);

    /// <summary>Whether a tag of <see cref="Place"/> fits.</summary>
    public bool IsTagMatch(string tag) => _tag.IsMatch(tag);

    /// <summary>The pattern as it was written.</summary>
    public override string ToString() => Text;

    // A short name's is Docker Hub, which the text does not show.
    private static string? RegistryOf(string placeText, ImageReference filled) =>
        filled.IsFile || (filled.Registry != ImageReference.DockerHub && Wildcard().IsMatch(placeText[..placeText.IndexOf('/')])) ? null : filled.Registry;

    // What the parser put before the text (docker.io/library/) belongs before the pattern too.
    private static string FullPlace(string placeText, ImageReference filled)
    {
        var full = filled.Place.FullName;
        var written = Wildcard().Replace(placeText, Stand);
        return full.EndsWith(written, StringComparison.Ordinal) ? full[..^written.Length] + placeText : placeText;
    }

    private static Regex Compile(string pattern, bool isLiteral = false)
    {
        var expression = isLiteral ? [Regex.Escape(pattern)] : Wildcard().Replace(pattern, match => "\0" + match.Value + "\0").Split('\0')
            .Select((part, index) => index % 2 == 0 ? Regex.Escape(part) : part switch { "*" => ".*", "?" => ".", _ => part });
        return new Regex($"^{string.Concat(expression)}\\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }

    [GeneratedRegex(@"\*|\?|\[[A-Za-z0-9._-]+\]")]
    private static partial Regex Wildcard();
}
