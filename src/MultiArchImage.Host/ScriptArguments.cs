using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace MultiArchImage.Host;

/// <summary>
/// A script's arguments, as <c>pwsh -File</c> reads them: <c>-Name value</c>, <c>-Name:value</c>, <c>-Switch</c>, <c>-Switch:$false</c>, and
/// all others by position. Values are text; the script's parameters convert them.
/// </summary>
internal static partial class ScriptArguments
{
    /// <summary>The arguments as source text behind the name of a command.</summary>
    internal static string ToSource(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(ToSource));

    /// <summary>A text as a literal of the script language.</summary>
    internal static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    private static string ToSource(string argument) => Parameter().Match(argument) is { Success: true } parameter
        ? parameter.Groups["name"].Value + ToValue(parameter.Groups["value"].Value)
        : Quote(argument);

    /// <summary>A switch can be given a truth value, in the script language's words.</summary>
    private static string ToValue(string text) => text.ToLowerInvariant() switch
    {
        "" => "",
        "$true" or "true" => "$true",
        "$false" or "false" => "$false",
        _ => Quote(text),
    };

    [GeneratedRegex(@"^(?<name>-[\p{L}_?][\p{L}\p{N}_?-]*:?)(?<value>(?<=:).+)?$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
