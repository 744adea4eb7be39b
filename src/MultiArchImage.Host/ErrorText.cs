using System.Management.Automation;

namespace MultiArchImage.Host;

/// <summary>An error as a person reads it: <c>CmdletName: message</c>, and for an error of a script's own where it is.</summary>
internal static class ErrorText
{
    public static string Of(ErrorRecord record)
    {
        var message = record.ErrorDetails?.Message is { Length: > 0 } detailed ? detailed : record.Exception.Message;
        var advice = record.ErrorDetails?.RecommendedAction is { Length: > 0 } action ? $"{Environment.NewLine}{action}" : "";
        return $"{Source(record)}: {message}{advice}";
    }

    /// <summary>
    /// Who reports: a cmdlet by its own name, also where an alias was typed; the line of a script file; else what was called.
    /// </summary>
    private static string Source(ErrorRecord record) => record switch
    {
        { InvocationInfo.MyCommand: CmdletInfo cmdlet } when record.Exception is not CommandNotFoundException => cmdlet.Name,
        { InvocationInfo.ScriptName: { Length: > 0 } script } => $"{Path.GetFileName(script)}:{record.InvocationInfo.ScriptLineNumber}",
        { Exception: CommandNotFoundException missing } => missing.CommandName,
        { InvocationInfo.MyCommand.Name: { Length: > 0 } name } => name,
        _ => "Error",
    };
}
