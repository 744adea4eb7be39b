using System.Globalization;

namespace MultiArchImage.Building.Daemonless;

/// <summary>A Dockerfile as data.</summary>
/// <param name="File">Its path, for errors.</param>
/// <param name="Arguments">The <c>ARG</c>s before the first <c>FROM</c>.</param>
/// <param name="Stages">At least one.</param>
internal sealed record Dockerfile(string File, IReadOnlyList<Instruction> Arguments, IReadOnlyList<Stage> Stages)
{
    /// <summary>Reads a Dockerfile.</summary>
    /// <exception cref="DockerfileException">It is malformed; the message names the line.</exception>
    public static Dockerfile Parse(string file, string text) => new DockerfileParser(file, text).Parse();

    /// <summary>The stage that a build is asked for: by name or number, or the last.</summary>
    /// <exception cref="DockerfileException">There is none of that name.</exception>
    public Stage Target(string? name) => name is null
        ? Stages[^1]
        : Find(name, Stages.Count) ?? throw new DockerfileException(
            File, Stages[0].From.Line, $"no stage is called '{name}'", "name a stage with FROM … AS, or leave the target out");

    /// <summary>An earlier stage by name, in any case, or by number.</summary>
    public Stage? Find(string name, int before) =>
        Stages.Take(before).LastOrDefault(stage => string.Equals(stage.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < before ? Stages[index] : null);
}
