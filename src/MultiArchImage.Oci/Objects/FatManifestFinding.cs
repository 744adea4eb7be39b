namespace MultiArchImage;

/// <summary>Something that a test of a fat manifest found. Texts only, so that it survives JSON and formats in a log.</summary>
public sealed record FatManifestFinding
{
    /// <summary>The severity of what makes a fat manifest fail its test.</summary>
    public const string Error = "Error";

    /// <summary>The severity of what deserves a look, but does no harm to those who pull.</summary>
    public const string Warning = "Warning";

    /// <summary>The fat manifest that was tested.</summary>
    public string Reference { get; init; } = "";

    /// <summary>One of <see cref="FindingCode"/>.</summary>
    public string Code { get; init; } = "";

    /// <summary><c>Error</c> or <c>Warning</c>.</summary>
    public string Severity { get; init; } = Error;

    /// <summary>The platform of the entry; empty where the finding is not about one, or it has none.</summary>
    public string Platform { get; init; } = "";

    /// <summary>The digest of the entry; empty where the finding is not about one.</summary>
    public string Digest { get; init; } = "";

    /// <summary>What was found, for a person.</summary>
    public string Message { get; init; } = "";

    /// <summary>Code and message.</summary>
    public override string ToString() => $"{Code}: {Message}";
}
