using System.Text;
using System.Text.RegularExpressions;

namespace MultiArchImage.Building.Daemonless;

/// <summary>
/// A path with the wildcards of Go's <c>filepath.Match</c>, which COPY has: <c>*</c> and <c>?</c> match no <c>/</c>, <c>[a-z]</c> and
/// <c>[^a-z]</c> match one character, <c>\</c> takes the meaning from the next one.
/// </summary>
internal sealed class GoPattern
{
    private GoPattern(IReadOnlyList<Segment> segments) => Segments = segments;

    /// <summary>The parts between <c>/</c>; <c>..</c> at the root is the root.</summary>
    public IReadOnlyList<Segment> Segments { get; }

    /// <summary>Whether the pattern has a wildcard.</summary>
    public bool HasWildcard => Segments.Any(segment => segment.Literal is null);

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">A bracket is not closed, or the pattern ends in an escape.</exception>
    public static GoPattern Parse(string text)
    {
        var segments = new List<Segment>();
        foreach (var part in FileTree.Parts(text))
        {
            if (part != "..")
                segments.Add(Segment.Parse(part));
            else if (segments.Count > 0)
                segments.RemoveAt(segments.Count - 1);
        }
        return new GoPattern(segments);
    }

    /// <summary>One part of a pattern.</summary>
    internal sealed class Segment
    {
        private readonly Regex? _expression;

        private Segment(string? literal, Regex? expression) => (Literal, _expression) = (literal, expression);

        /// <summary>The name, where there is no wildcard.</summary>
        public string? Literal { get; }

        /// <summary>Whether a name fits.</summary>
        public bool IsMatch(string name) => _expression?.IsMatch(name) ?? name == Literal;

        public static Segment Parse(string text)
        {
            if (text.IndexOfAny(['*', '?', '[', '\\']) < 0)
                return new Segment(text, null);
            var expression = new StringBuilder();
            for (var at = 0; at < text.Length; at++)
            {
                expression.Append(text[at] switch
                {
                    '*' => ".*",
                    '?' => ".",
                    '[' => ReadClass(text, ref at),
                    '\\' when ++at < text.Length => Regex.Escape(text[at].ToString()),
                    '\\' => throw new FormatException($"'{text}' ends in an escape"),
                    var other => Regex.Escape(other.ToString()),
                });
            }
            return new Segment(null, new Regex($@"\A{expression}\z", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));
        }

        // Leaves the position at the closing bracket.
        private static string ReadClass(string text, ref int at)
        {
            var members = new StringBuilder("[");
            if (++at < text.Length && text[at] == '^')
            {
                members.Append('^');
                at++;
            }
            var first = at;
            for (; at < text.Length && (text[at] != ']' || at == first); at++)
            {
                if (text[at] == '\\' && at + 1 < text.Length)
                    at++;
                else if (text[at] == '-' && at > first)
                {
                    members.Append('-');
                    continue;
                }
                members.Append(@"\u").Append(((int)text[at]).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
            }
            return at < text.Length ? members.Append(']').ToString() : throw new FormatException($"'{text}' has a bracket that is not closed");
        }
    }
}
