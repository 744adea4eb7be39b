namespace MultiArchImage.Building.Tagging;

/// <summary>What a tag is to be made of.</summary>
/// <param name="Method">Where it comes from.</param>
/// <param name="Folder">The folder of the Git repository, or of <c>container-tag.yaml</c>; absolute.</param>
public sealed record TagRequest(TagMethod Method, string Folder)
{
    /// <summary>The stream; null where there is none.</summary>
    public string? Stream { get; init; }

    /// <summary>The branch or ref that is built; null where nobody said.</summary>
    public string? Branch { get; init; }

    /// <summary>What branches become, before the usual rules: patterns with <c>*</c>, and tags in which <c>*</c> stands for what it matched.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The tags that are made: <c>{tag}</c>, <c>{stream}</c>, <c>{commit}</c> (12 characters), <c>{date}</c> (UTC, yyyyMMddHHmmss, or as
    /// <c>{date:yyyyMMdd}</c> says); <c>{arch}</c> stays for the commands that know the architecture.
    /// </summary>
    public IReadOnlyList<string> Templates { get; init; } = ["{tag}"];
}
