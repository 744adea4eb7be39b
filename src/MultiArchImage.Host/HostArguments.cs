using Microsoft.PowerShell;

namespace MultiArchImage.Host;

/// <summary>What the command line asks for.</summary>
internal enum HostAction
{
    /// <summary>Run a script file or a command.</summary>
    Run,

    /// <summary>Print the version and end.</summary>
    ShowVersion,

    /// <summary>Print the usage and end.</summary>
    ShowHelp,
}

/// <summary>
/// The command line, read as <c>pwsh</c> reads its own: parameters have one or two dashes or a slash, any case, and may be shortened;
/// everything behind <c>-File FILE</c> belongs to the script, everything behind <c>-Command</c> is the command.
/// </summary>
internal sealed record HostArguments
{
    /// <summary>Stands for the script or command that standard input holds.</summary>
    internal const string StandardInput = "-";

    /// <summary>Each parameter with the shortest form that means it, and whether a value follows.</summary>
    private static readonly (string Name, string Shortest, bool HasValue)[] Known =
    [
        ("command", "c", false),
        ("executionpolicy", "ex", true),
        ("ep", "ep", true),
        ("file", "f", false),
        ("help", "h", false),
        ("?", "?", false),
        ("noexit", "noe", false),
        ("nologo", "nol", false),
        ("noninteractive", "noni", false),
        ("noprofile", "nop", false),
        ("version", "v", false),
        ("workingdirectory", "wo", true),
        ("wd", "wd", true),
    ];

    /// <summary>What to do.</summary>
    public HostAction Action { get; init; }

    /// <summary>The script file; null where a command is run.</summary>
    public string? File { get; init; }

    /// <summary>The command's text, or <see cref="StandardInput"/>; null where a file is run.</summary>
    public string? Command { get; init; }

    /// <summary>What follows the script file, for its parameters and <c>$args</c>.</summary>
    public IReadOnlyList<string> ScriptArguments { get; init; } = [];

    /// <summary>Whether a prompt is an error instead of a question.</summary>
    public bool NonInteractive { get; init; }

    /// <summary>The execution policy of this process, which counts on Windows only. PowerShell 7 ships with RemoteSigned.</summary>
    public ExecutionPolicy ExecutionPolicy { get; init; } = ExecutionPolicy.RemoteSigned;

    /// <summary>Where the script starts; null for the current folder.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether a file is a script by its name; to PowerShell, any other is a program or a document.</summary>
    internal static bool IsScriptName(string file) => Path.GetExtension(file).Equals(".ps1", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the command line.</summary>
    /// <exception cref="UsageException">A parameter is unknown, or its value is missing or wrong.</exception>
    internal static HostArguments Parse(IReadOnlyList<string> arguments)
    {
        var read = new HostArguments();
        for (var next = 0; next < arguments.Count; next++)
        {
            if (NameOf(arguments[next]) is not { } name)
                return read.WithFile(arguments, next);
            if (name is "file")
                return read.WithFile(arguments, next + 1);
            if (name is "command")
                return read.WithCommand(arguments, next + 1);
            var value = Known.Single(known => known.Name == name).HasValue
                ? arguments.ElementAtOrDefault(++next) ?? throw new UsageException($"The parameter -{name} needs a value.")
                : "";
            read = read.With(name, value);
            if (read.Action != HostAction.Run)
                return read;
        }
        return read with { Action = HostAction.ShowHelp };
    }

    /// <summary>The full name of a parameter; null for what is none, and so is a script file or <c>-</c>.</summary>
    private static string? NameOf(string argument)
    {
        // A rooted path on Linux and a parameter of Windows begin alike: a slash is only read as a dash on Windows.
        if (argument == StandardInput || !(argument.StartsWith('-') || (OperatingSystem.IsWindows() && argument.StartsWith('/'))))
            return null;
        var given = argument.TrimStart('-', '/').ToLowerInvariant();
        var match = Known.FirstOrDefault(known => known.Name.StartsWith(given, StringComparison.Ordinal)
            && given.StartsWith(known.Shortest, StringComparison.Ordinal));
        return match.Name ?? throw new UsageException($"The parameter {argument} is unknown.");
    }

    private HostArguments With(string name, string value) => name switch
    {
        "executionpolicy" or "ep" => this with { ExecutionPolicy = ReadPolicy(value) },
        "workingdirectory" or "wd" => this with { WorkingDirectory = value },
        "noninteractive" => this with { NonInteractive = true },
        "version" => this with { Action = HostAction.ShowVersion },
        "help" or "?" => this with { Action = HostAction.ShowHelp },
        "noexit" => throw new UsageException("The parameter -NoExit needs a shell: this program runs one script or command and ends."),
        _ => this, // -NoLogo and -NoProfile: there is neither a logo nor a profile.
    };

    private static ExecutionPolicy ReadPolicy(string value) => Enum.TryParse<ExecutionPolicy>(value, ignoreCase: true, out var policy)
        ? policy
        : throw new UsageException($"{value} is no execution policy; known are {string.Join(", ", Enum.GetNames<ExecutionPolicy>())}.");

    private HostArguments WithFile(IReadOnlyList<string> arguments, int at)
    {
        var file = arguments.ElementAtOrDefault(at) ?? throw new UsageException("The parameter -File needs a script file.");
        return file == StandardInput
            ? this with { Command = StandardInput }
            : this with { File = file, ScriptArguments = [.. arguments.Skip(at + 1)] };
    }

    private HostArguments WithCommand(IReadOnlyList<string> arguments, int at) => at < arguments.Count
        ? this with { Command = string.Join(' ', arguments.Skip(at)) }
        : throw new UsageException("The parameter -Command needs a command.");
}
