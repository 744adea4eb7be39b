using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace MultiArchImage.Host;

/// <summary>
/// The text that calls a script file with arguments from a command line: <c>value</c>, <c>-Name value</c>, <c>-Name:value</c>,
/// <c>-Switch</c>, <c>-Switch:$false</c>. Names are left to the binder; every value is quoted text, except that <c>$true</c> and
/// <c>$false</c> after a colon are what they say.
/// </summary>
internal static partial class ScriptCall
{
    /// <remarks>
    /// The engine does not end a session for the <c>exit N</c> of a script file, as the file may be called by another script: the call then
    /// has failed and <c>$LASTEXITCODE</c> is set. It is not set where the file could not be called, for instance for a bad argument.
    /// </remarks>
    public static string Text(string path, IEnumerable<string> arguments) => $$"""
        & {{Quote(path)}} {{string.Join(' ', arguments.Select(Argument))}}
        if (-not $?) { exit $LASTEXITCODE ?? {{ExitCode.Failure}} }
        """;

    private static string Argument(string argument) => Named().Match(argument) switch
    {
        { Success: false } => Quote(argument),
        { Groups: var parts } when parts["value"].Length == 0 => argument,
        { Groups: var parts } => parts["name"].Value + Value(parts["value"].Value),
    };

    private static string Value(string text) => text.ToUpperInvariant() switch
    {
        "$TRUE" or "TRUE" => "$true",
        "$FALSE" or "FALSE" => "$false",
        _ => Quote(text),
    };

    private static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    /// <summary>A parameter's name, with a colon where a value is joined to it; not a negative number.</summary>
    [GeneratedRegex(@"^(?<name>-[\p{L}_][\w-]*(:(?=.))?)(?<value>(?<=:).+)?$", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Named();
}
