using System.Text;
using System.Text.RegularExpressions;

namespace MultiArchImage.Building.Context;

/// <summary>
/// The rules of a <c>.dockerignore</c> (Dockerfile reference: .dockerignore file; moby/patternmatcher): the last rule that fits a path or
/// one of the folders above it decides.
/// </summary>
internal sealed class IgnoreRules
{
    private const string FileName = ".dockerignore";
    private readonly IReadOnlyList<Rule> _rules;

    private IgnoreRules(IReadOnlyList<Rule> rules) => _rules = rules;

    /// <summary>Whether a rule with <c>!</c> brings ignored files back.</summary>
    public bool HasExceptions => _rules.Any(rule => rule.IsException);

    /// <summary>The verdict on the folder of the context.</summary>
    public Verdict Top => new([.. _rules.Select(_ => false)], IsIgnored: false);

    /// <summary>The rules for one Dockerfile: of the file beside it that has its name, else of the context.</summary>
    /// <exception cref="BuildContextException">A rule is malformed.</exception>
    public static IgnoreRules For(string folder, string dockerfile)
    {
        var file = new[] { dockerfile + FileName, Path.Combine(folder, FileName) }.FirstOrDefault(File.Exists);
        return Parse(file is null ? "" : File.ReadAllText(file), file ?? folder);
    }

    /// <summary>Reads rules, one a line.</summary>
    /// <param name="text">The lines.</param>
    /// <param name="file">What to call them.</param>
    /// <exception cref="BuildContextException">A rule is malformed.</exception>
    public static IgnoreRules Parse(string text, string file)
    {
        // A # is a comment's only at the very start of the line.
        var lines = text.TrimStart('\uFEFF').Split('\n').Where(line => !line.StartsWith('#')).Select(line => line.Trim()).Where(line => line.Length > 0);
        try
        {
            return new IgnoreRules([.. lines.Select(Rule.Parse).OfType<Rule>()]);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new BuildContextException(file, $"has a rule that cannot be read: {e.Message}", null, e) { Subject = file };
        }
    }

    /// <summary>What the rules say of a path.</summary>
    /// <param name="path">From the folder of the context, with <c>/</c> between.</param>
    /// <param name="above">The verdict on the folder that it is in.</param>
    public Verdict Judge(string path, Verdict above)
    {
        var fits = new bool[_rules.Count];
        var isIgnored = false;
        for (var index = 0; index < fits.Length; index++)
        {
            fits[index] = above.Fits[index] || _rules[index].Expression.IsMatch(path);
            if (fits[index])
                isIgnored = !_rules[index].IsException;
        }
        return new Verdict(fits, isIgnored);
    }

    /// <summary>Which rules fit a path, and what follows.</summary>
    internal sealed record Verdict(bool[] Fits, bool IsIgnored);

    private sealed record Rule(Regex Expression, bool IsException)
    {
        // Null for a rule that means the context itself, which is never ignored.
        public static Rule? Parse(string line)
        {
            var isException = line[0] == '!';
            var pattern = Clean(isException ? line[1..].Trim() : line);
            if (pattern.Length == 0)
                return isException && line.Length == 1 ? throw new FormatException("'!' alone excepts nothing") : null;
            return new Rule(new Regex($@"\A{ToExpression(pattern)}\z", RegexOptions.Singleline | RegexOptions.CultureInvariant), isException);
        }

        // As Go's filepath.Clean, without the slash at the start: patterns are from the root of the context anyway.
        private static string Clean(string pattern)
        {
            var parts = new List<string>();
            foreach (var part in (OperatingSystem.IsWindows() ? pattern.Replace('\\', '/') : pattern).Split('/'))
            {
                if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                    parts.RemoveAt(parts.Count - 1);
                else if (part is not ("" or "."))
                    parts.Add(part);
            }
            return string.Join('/', parts);
        }

        private static string ToExpression(string pattern)
        {
            var expression = new StringBuilder();
            for (var at = 0; at < pattern.Length; at++)
            {
                expression.Append(pattern[at] switch
                {
                    '*' when at + 1 < pattern.Length && pattern[at + 1] == '*' => AnyDepth(pattern, ref at),
                    '*' => "[^/]*",
                    '?' => "[^/]",
                    '\\' when ++at < pattern.Length => Regex.Escape(pattern[at].ToString()),
                    '\\' => throw new FormatException($"'{pattern}' ends in an escape"),
                    // A class is the same in a regular expression.
                    '[' or ']' or '-' => pattern[at].ToString(),
                    '^' => "^",
                    var other => Regex.Escape(other.ToString()),
                });
            }
            return expression.ToString();
        }

        // ** takes any number of folders; **/ also none.
        private static string AnyDepth(string pattern, ref int at)
        {
            at++;
            if (at + 1 < pattern.Length && pattern[at + 1] == '/')
                at++;
            return at + 1 == pattern.Length ? ".*" : "(?:.*/)?";
        }
    }
}
