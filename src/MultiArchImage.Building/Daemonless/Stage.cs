namespace MultiArchImage.Building.Daemonless;

/// <summary>What stands between one <c>FROM</c> and the next.</summary>
/// <param name="Index">From 0; <c>COPY --from=0</c> may name it so.</param>
/// <param name="Name">What stands behind <c>AS</c>, in lower case; null where nothing does.</param>
/// <param name="From">The <c>FROM</c> itself.</param>
/// <param name="Base">What it starts from, variables untouched: an image, an earlier stage, <c>scratch</c>.</param>
/// <param name="Instructions">What follows.</param>
internal sealed record Stage(int Index, string? Name, Instruction From, string Base, IReadOnlyList<Instruction> Instructions);
