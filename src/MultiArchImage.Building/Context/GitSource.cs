using System.Diagnostics.CodeAnalysis;

namespace MultiArchImage.Building.Context;

/// <summary>A place in a Git repository, as Docker writes it: <c>URL#REF:SUBFOLDER</c>.</summary>
/// <param name="Url">What <c>git</c> is given.</param>
/// <param name="Reference">A branch, tag or commit; <c>HEAD</c> where none is named.</param>
/// <param name="Subfolder">The folder in the repository; empty for its root.</param>
internal sealed record GitSource(string Url, string Reference, string Subfolder)
{
    private const string DefaultReference = "HEAD";

    /// <summary>The URL without password, for messages.</summary>
    public string DisplayName => Redact(Url);

    /// <summary>A text without the URL's user and password; relative submodules have them in URLs of their own.</summary>
    public string Redact(string text) => Uri.TryCreate(Url, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0
        ? text.Replace(uri.UserInfo + "@", "", StringComparison.Ordinal)
        : text;

    /// <summary>Whether a text is the URL of a repository, and not a path.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out GitSource? source)
    {
        source = null;
        if (!text.Contains("://", StringComparison.Ordinal) && !text.StartsWith("git@", StringComparison.Ordinal))
            return false;
        var (url, fragment) = Cut(text, '#');
        var (reference, subfolder) = Cut(fragment, ':');
        source = new GitSource(url, reference.Length == 0 ? DefaultReference : reference, subfolder);
        return true;
    }

    private static (string Before, string Behind) Cut(string text, char separator)
    {
        var at = text.IndexOf(separator);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }
}
