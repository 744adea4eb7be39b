namespace MultiArchImage.Building.Daemonless;

/// <summary>A COPY whose variables are replaced and whose owner is a number.</summary>
/// <param name="Instruction">The instruction, for errors.</param>
/// <param name="Sources">Patterns, from the root of <paramref name="From"/>.</param>
/// <param name="Destination">A path of the image; what does not begin with <c>/</c> is relative to <paramref name="WorkingFolder"/>.</param>
/// <param name="From">The context, or the files of another image.</param>
/// <param name="Into">The files that the image has so far.</param>
/// <param name="WorkingFolder">The WORKDIR.</param>
internal sealed record CopyRequest(
    Instruction Instruction, IReadOnlyList<string> Sources, string Destination, FileTree From, FileTree Into, string WorkingFolder)
{
    /// <summary>Who shall own the files; null keeps the source's owners.</summary>
    public Owner? Owner { get; init; }

    /// <summary>The mode of files and folders; null keeps the source's.</summary>
    public UnixFileMode? Mode { get; init; }

    /// <summary>What <see cref="From"/> is called in errors.</summary>
    public string FromName { get; init; } = "the build context";
}
