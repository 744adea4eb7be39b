namespace MultiArchImage.Building.Daemonless;

/// <summary>Reads <c>name=value …</c> of ENV, LABEL and ARG; quotes and variables stay.</summary>
internal static class Assignments
{
    /// <summary>The pairs, at least one. <c>ENV name the rest of the line</c> is an old form of a single one.</summary>
    /// <exception cref="DockerfileException">A word has no <c>=</c>.</exception>
    public static IReadOnlyList<(string Name, string Value)> Read(Instruction instruction)
    {
        var words = instruction.Words;
        if (!words[0].Contains('='))
        {
            var rest = instruction.Text[words[0].Length..].Trim();
            return rest.Length > 0 ? [(words[0], rest)] : throw instruction.Error($"{instruction.Keyword} {words[0]} has no value", "write name=value");
        }
        return [.. words.Select(word => ReadPair(instruction, word))];
    }

    /// <summary>The names of an ARG with their defaults; null where there is none.</summary>
    /// <exception cref="DockerfileException">A word has no name.</exception>
    public static IReadOnlyList<(string Name, string? Default)> ReadArguments(Instruction instruction) =>
        [.. instruction.Words.Select(word => word.Contains('=') ? ReadPair(instruction, word) : (word, (string?)null))];

    private static (string Name, string Value) ReadPair(Instruction instruction, string word)
    {
        var sign = word.IndexOf('=');
        return sign > 0
            ? (word[..sign], word[(sign + 1)..])
            : throw instruction.Error($"'{word}' is not name=value", "quote a value that has blanks");
    }
}
