namespace MultiArchImage;

/// <summary>
/// The base of every failure that this module reports. The message is for a person and whole: what was wrong, with what, and what to do.
/// The error id that users see is the type's name without <c>Exception</c>.
/// </summary>
public abstract class ImageException : Exception
{
    // A message may quote documents and registries: a megabyte of a media type, or what would move a terminal's cursor.
    private const int MaximumLength = 16 * 1024;

    /// <param name="problem">What was wrong, with what; a clause without a full stop.</param>
    /// <param name="remedy">What to do, in the imperative; null where nothing helps.</param>
    /// <param name="innerException">What led here.</param>
    private protected ImageException(string problem, string? remedy = null, Exception? innerException = null)
        : base(remedy is null ? Printable(problem) : $"{Printable(problem)}; {Printable(remedy)}", innerException) => Remedy = remedy;

    /// <summary>The sort of failure.</summary>
    public abstract FailureKind Kind { get; }

    /// <summary>What to do about it.</summary>
    public string? Remedy { get; }

    /// <summary>The reference, registry or file that the failure is about; null where there is none.</summary>
    public string? Subject { get; init; }

    /// <summary>A stable name for scripts: <c>ManifestNotFound</c>.</summary>
    public string ErrorId => GetType().Name[..^"Exception".Length];

    private static string Printable(string text)
    {
        var shown = text.Length > MaximumLength ? $"{text[..MaximumLength]}…" : text;
        return shown.Any(IsUnprintable) ? string.Concat(shown.Where(character => !IsUnprintable(character))) : shown;
    }

    private static bool IsUnprintable(char character) => char.IsControl(character) && character is not ('\t' or '\r' or '\n');
}
