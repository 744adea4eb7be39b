using System.Text.RegularExpressions;

namespace MultiArchImage.Help.Formats;

/// <summary>A parameter in a line of syntax.</summary>
/// <param name="Name">Without the dash.</param>
/// <param name="Type">What it takes, as <c>string[]</c>; null for a switch.</param>
/// <param name="IsRequired">Whether it stands outside of brackets.</param>
internal sealed partial record SyntaxParameter(string Name, string? Type, bool IsRequired)
{
    /// <summary>The parameters of a form of a command, in its order. The command has a dash too, and <c>[&lt;CommonParameters&gt;]</c> is none.</summary>
    internal static IEnumerable<SyntaxParameter> All(string syntax) => Parameter().Matches(syntax, syntax.IndexOf(' ')).Select(Read);

    // about_Command_Syntax: brackets round the name alone say that it may be left out, those round name and value that the parameter may.
    private static SyntaxParameter Read(Match match)
    {
        var type = match.Groups["type"] is { Success: true, Value: var text } ? text : null;
        var nameAlone = match.Groups["close"].Success && type is not null && !match.Groups["inner"].Success;
        return new SyntaxParameter(match.Groups["name"].Value, type, !match.Groups["outer"].Success || nameAlone);
    }

    [GeneratedRegex(@"(?<outer>\[)?(?<inner>\[)?-(?<name>\w+)(?<close>\])?(?: <(?<type>[^>]+)>)?")]
    private static partial Regex Parameter();
}
