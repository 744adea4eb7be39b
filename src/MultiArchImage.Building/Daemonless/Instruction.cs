namespace MultiArchImage.Building.Daemonless;

/// <summary>One instruction of a Dockerfile, with its continuation lines joined.</summary>
/// <param name="File">The Dockerfile, for errors.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Keyword">In upper case: <c>COPY</c>.</param>
/// <param name="Text">The arguments behind the flags, as they were written.</param>
/// <param name="Source">The whole instruction as it was written, for the history.</param>
internal sealed record Instruction(string File, int Line, string Keyword, string Text, string Source)
{
    /// <summary>What <c>--name=value</c> says; a flag without a value has an empty one.</summary>
    public IReadOnlyDictionary<string, string> Flags { get; init; } = new Dictionary<string, string>();

    /// <summary>The character that escapes: <c>\</c> unless the directive <c>escape</c> says <c>`</c>.</summary>
    public char Escape { get; init; } = '\\';

    /// <summary>Whether lines behind the instruction belong to it: <c>&lt;&lt;EOF</c>.</summary>
    public bool HasHeredoc { get; init; }

    /// <summary>The items of the JSON form, <c>["a", "b"]</c>; null where it is the shell form.</summary>
    public IReadOnlyList<string>? Json { get; init; }

    /// <summary>The words of the shell form, quotes and variables untouched.</summary>
    public IReadOnlyList<string> Words => ShellWords.Split(Text, Escape);

    /// <summary>A failure of this instruction.</summary>
    public DockerfileException Error(string reason, string? remedy = null) => new(File, Line, reason, remedy);
}
