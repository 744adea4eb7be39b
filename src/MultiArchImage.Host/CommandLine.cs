using Microsoft.PowerShell;

namespace MultiArchImage.Host;

/// <summary>The Host's arguments, understood as <c>pwsh</c> understands its own.</summary>
internal sealed record CommandLine
{
    public HostAction Action { get; private init; } = HostAction.Help;

    /// <summary>The text to run; for a script file the text that calls it with its arguments.</summary>
    public string Script { get; private init; } = "";

    /// <summary>Nothing may be asked.</summary>
    public bool NonInteractive { get; private init; }

    /// <summary>Which scripts Windows may run; elsewhere it has no meaning. The default is that of PowerShell's installer.</summary>
    public ExecutionPolicy ExecutionPolicy { get; private init; } = ExecutionPolicy.RemoteSigned;

    /// <summary>Reads the arguments; what follows <c>-File FILE</c> or <c>-Command</c> belongs to the script.</summary>
    /// <exception cref="UsageException">An argument is unknown or lacks its value, or the script file does not exist.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new CommandLine();
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (SwitchName(arguments[i]))
            {
                case "help" or "h" or "?":
                    return line with { Action = HostAction.Help };
                case "version" or "v":
                    return line with { Action = HostAction.Version };
                case "noprofile" or "nop" or "nologo" or "nol":
                    break;
                case "noninteractive" or "noni":
                    line = line with { NonInteractive = true };
                    break;
                case "executionpolicy" or "ep" or "ex":
                    line = line with { ExecutionPolicy = ParsePolicy(ValueOf(arguments, i++)) };
                    break;
                case "command" or "c":
                    return line with { Action = HostAction.Run, Script = CommandText(arguments, i) };
                case "file" or "f":
                    return line.WithFile(ValueOf(arguments, i), arguments.Skip(i + 2));
                case null:
                    return line.WithFile(arguments[i], arguments.Skip(i + 1));
                default:
                    throw new UsageException($"The argument '{arguments[i]}' is not known; -Help lists those that are.");
            }
        }
        return line;
    }

    private CommandLine WithFile(string path, IEnumerable<string> arguments) => File.Exists(path)
        ? this with { Action = HostAction.Run, Script = ScriptCall.Text(Path.GetFullPath(path), arguments) }
        : throw new UsageException($"The script file '{path}' does not exist; the first argument, or what follows -File, is a script file.");

    /// <summary>The name of a switch in lower case (<c>-Name</c>, <c>--name</c>); null for anything else.</summary>
    private static string? SwitchName(string argument) =>
        argument.Length > 1 && argument[0] == '-' ? argument.TrimStart('-').ToLowerInvariant() : null;

    private static string ValueOf(IReadOnlyList<string> arguments, int index) => index + 1 < arguments.Count
        ? arguments[index + 1]
        : throw new UsageException($"The argument '{arguments[index]}' needs a value after it; -Help shows how.");

    /// <summary>As in pwsh: all that follows, joined by spaces; a lone dash reads the text from standard input.</summary>
    private static string CommandText(IReadOnlyList<string> arguments, int index) =>
        ValueOf(arguments, index) == "-" ? Console.In.ReadToEnd() : string.Join(' ', arguments.Skip(index + 1));

    private static ExecutionPolicy ParsePolicy(string value) => Enum.TryParse<ExecutionPolicy>(value, ignoreCase: true, out var policy)
        ? policy
        : throw new UsageException($"The execution policy '{value}' is not one of {string.Join(", ", Enum.GetNames<ExecutionPolicy>())}.");
}
