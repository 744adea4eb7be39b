using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MultiArchImage.Building.Daemonless;

/// <summary>Reads the text of a Dockerfile (Dockerfile reference: Format). Variables are left alone: what they are is known in the build only.</summary>
internal sealed partial class DockerfileParser(string file, string text)
{
    private static readonly string[] Known =
    [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL",
        "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ];

    private static readonly string[] WithFlags = ["ADD", "COPY", "FROM", "HEALTHCHECK", "RUN"];
    private static readonly string[] WithJson = ["ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"];
    private static readonly string[] WithHeredoc = ["ADD", "COPY", "RUN"];

    private readonly string[] _lines = text.TrimStart('\uFEFF').Split('\n');
    private int _next;
    private char _escape = '\\';

    public Dockerfile Parse()
    {
        ReadDirectives();
        var instructions = ReadInstructions().ToList();
        var first = instructions.FindIndex(instruction => instruction.Keyword == "FROM");
        if (first < 0)
            throw new DockerfileException(file, 1, "there is no FROM", "begin with FROM, for example FROM scratch");
        if (instructions.Take(first).FirstOrDefault(instruction => instruction.Keyword != "ARG") is { } early)
            throw early.Error($"{early.Keyword} stands before the first FROM", "only ARG may");
        return new Dockerfile(file, instructions[..first], Stages(instructions[first..]));
    }

    private static List<Stage> Stages(List<Instruction> instructions)
    {
        var stages = new List<Stage>();
        while (instructions.Count > 0)
        {
            var end = instructions.FindIndex(1, instruction => instruction.Keyword == "FROM");
            var count = end < 0 ? instructions.Count : end;
            stages.Add(ToStage(stages.Count, instructions[0], instructions[1..count]));
            instructions = instructions[count..];
        }
        return stages;
    }

    private static Stage ToStage(int index, Instruction from, List<Instruction> instructions) => from.Words switch
    {
        [var image] => new Stage(index, null, from, image, instructions),
        [var image, var word, var name] when word.Equals("AS", StringComparison.OrdinalIgnoreCase) && StageName().IsMatch(name) =>
            new Stage(index, name.ToLowerInvariant(), from, image, instructions),
        _ => throw from.Error($"'{from.Text}' is not what follows FROM", "write FROM image, or FROM image AS name"),
    };

    // Dockerfile reference: Parser directives; they end with the first line that is none.
    private void ReadDirectives()
    {
        for (; _next < _lines.Length && Directive().Match(_lines[_next]) is { Success: true } match; _next++)
        {
            if (!match.Groups["name"].ValueSpan.Equals("escape", StringComparison.OrdinalIgnoreCase))
                continue;
            _escape = match.Groups["value"].Value switch
            {
                "\\" => '\\',
                "`" => '`',
                var other => throw new DockerfileException(file, _next + 1, $"the escape character '{other}' is none", "write # escape=\\ or # escape=`"),
            };
        }
    }

    private IEnumerable<Instruction> ReadInstructions()
    {
        while (_next < _lines.Length)
        {
            var line = _next + 1;
            var source = ReadLogicalLine().Trim();
            if (source.Length > 0)
                yield return ToInstruction(line, source);
        }
    }

    // Comments and empty lines between continued lines are left out, as Docker does.
    private string ReadLogicalLine()
    {
        var logical = new StringBuilder();
        while (_next < _lines.Length)
        {
            var line = _lines[_next++].TrimEnd('\r');
            var isNothing = line.TrimStart() is "" or ['#', ..];
            if (isNothing && logical.Length == 0)
                return "";
            if (isNothing)
                continue;
            var trimmed = line.TrimEnd(' ', '\t');
            if (!trimmed.EndsWith(_escape))
                return logical.Append(line).ToString();
            logical.Append(trimmed.AsSpan(0, trimmed.Length - 1));
            // An escape character alone still begins an instruction.
            if (logical.Length == 0)
                logical.Append(' ');
        }
        return logical.ToString();
    }

    private Instruction ToInstruction(int line, string source)
    {
        var end = source.AsSpan().IndexOfAny(' ', '\t') is var blank and >= 0 ? blank : source.Length;
        var keyword = source[..end].ToUpperInvariant();
        var instruction = new Instruction(file, line, keyword, source[end..].Trim(), source) { Escape = _escape };
        if (!Known.Contains(keyword))
            throw instruction.Error($"'{source[..end]}' is no instruction", "check its spelling");
        if (instruction.Text.Length == 0)
            throw instruction.Error($"{keyword} has no arguments");
        if (WithFlags.Contains(keyword))
            instruction = TakeFlags(instruction);
        if (WithJson.Contains(keyword))
            instruction = instruction with { Json = ParseJson(instruction.Text) };
        return instruction with { HasHeredoc = WithHeredoc.Contains(keyword) && SkipHeredocs(instruction) };
    }

    private static Instruction TakeFlags(Instruction instruction)
    {
        var flags = new Dictionary<string, string>();
        var rest = instruction.Text;
        while (Flag().Match(rest) is { Success: true } match)
        {
            if (!flags.TryAdd(match.Groups["name"].Value, match.Groups["value"].Value))
                throw instruction.Error($"--{match.Groups["name"].Value} is given twice");
            rest = rest[match.Length..];
        }
        return instruction with { Flags = flags, Text = rest };
    }

    // What is no JSON array of strings is the shell form, even if it begins like one.
    private static string[]? ParseJson(string text)
    {
        if (!text.StartsWith('['))
            return null;
        try
        {
            return JsonSerializer.Deserialize<string[]>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool SkipHeredocs(Instruction instruction)
    {
        var matches = Heredoc().Matches(instruction.Text);
        foreach (var match in matches.AsEnumerable())
        {
            var end = Array.FindIndex(_lines, _next, line => IsEndOf(match, line.TrimEnd('\r')));
            if (end < 0)
                throw instruction.Error($"the here-document {match.Groups["word"].Value} does not end");
            _next = end + 1;
        }
        return matches.Count > 0;
    }

    private static bool IsEndOf(Match heredoc, string line) =>
        (heredoc.Groups["dash"].Success ? line.TrimStart('\t') : line) == heredoc.Groups["word"].Value;

    [GeneratedRegex(@"^\s*#\s*(?<name>syntax|escape|check)\s*=\s*(?<value>.*?)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Directive();

    [GeneratedRegex(@"^--(?<name>[A-Za-z][A-Za-z0-9-]*)(?:=(?<value>\S*))?(?:\s+|$)")]
    private static partial Regex Flag();

    [GeneratedRegex("""(?<!\S)\d*<<(?<dash>-)?(?<quote>["']?)(?<word>[A-Za-z_][A-Za-z0-9_]*)\k<quote>(?!\S)""")]
    private static partial Regex Heredoc();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]*\z")]
    private static partial Regex StageName();
}
