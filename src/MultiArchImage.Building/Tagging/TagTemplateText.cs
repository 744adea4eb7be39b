using System.Globalization;
using System.Text.RegularExpressions;

namespace MultiArchImage.Building.Tagging;

/// <summary>Fills in what a tag is made of.</summary>
internal static partial class TagTemplateText
{
    private const string Stamp = "yyyyMMddHHmmss";

    /// <summary>The names in braces that a template uses.</summary>
    public static IEnumerable<string> Names(string template) => Placeholder().Matches(template).Select(match => match.Groups["name"].Value);

    /// <summary>The template with its names filled in; <c>{arch}</c> stays.</summary>
    /// <param name="template">The template.</param>
    /// <param name="value">The value of a name.</param>
    /// <param name="now">The time that <c>{date}</c> stands for.</param>
    /// <exception cref="TagUnresolvedException">A name is not known.</exception>
    public static string Fill(string template, Func<string, string> value, DateTimeOffset now) => Placeholder().Replace(template, match =>
        match.Groups["name"].Value switch
        {
            "arch" => match.Value,
            "date" => now.UtcDateTime.ToString(match.Groups["format"] is { Success: true } format ? format.Value : Stamp, CultureInfo.InvariantCulture),
            "tag" or "stream" or "commit" => value(match.Groups["name"].Value),
            var unknown => throw new TagUnresolvedException(
                template, $"nothing is known as {{{unknown}}}", "write {tag}, {stream}, {commit}, {date}, {date:yyyyMMdd} or {arch}"),
        });

    [GeneratedRegex(@"\{(?<name>[a-z]+)(?::(?<format>[^{}]+))?\}", RegexOptions.IgnoreCase)]
    private static partial Regex Placeholder();
}
