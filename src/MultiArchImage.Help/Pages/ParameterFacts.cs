namespace MultiArchImage.Help.Pages;

/// <summary>The block of facts under a parameter, in the words of PlatyPS: <c>Required: True</c>.</summary>
/// <param name="Lines">The lines by their names.</param>
public sealed record ParameterFacts(IReadOnlyDictionary<string, string> Lines)
{
    /// <summary>The type, as <c>String[]</c>.</summary>
    public string Type => this["Type"];

    /// <summary>The parameter sets that it is in; <c>(All)</c> where it is in every one.</summary>
    public string ParameterSets => this["Parameter Sets"];

    /// <summary>Whether it must be given.</summary>
    public bool IsRequired => this["Required"] == "True";

    /// <summary>Its position, or <c>Named</c>.</summary>
    public string Position => this["Position"];

    /// <summary>The value where it is left out.</summary>
    public string DefaultValue => this["Default value"];

    /// <summary><c>False</c>, or how it takes pipeline input.</summary>
    public string PipelineInput => this["Accept pipeline input"];

    /// <summary>Whether it understands wildcards.</summary>
    public bool TakesWildcards => this["Accept wildcard characters"] == "True";

    /// <summary>Other names.</summary>
    public string Aliases => this["Aliases"];

    /// <summary>What it accepts, where that is a list.</summary>
    public IReadOnlyList<string> AcceptedValues =>
        Lines.TryGetValue("Accepted values", out var values) ? values.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];

    private string this[string name] => Lines.TryGetValue(name, out var value) ? value : throw new PageException($"the line '{name}:' is missing from the facts of a parameter");

    /// <summary>Reads a block of lines <c>Name: value</c>.</summary>
    public static ParameterFacts Parse(string block) => new(block.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
        .ToDictionary(parts => parts[0], parts => parts.Length > 1 ? parts[1] : ""));
}
