namespace MultiArchImage.Building.Daemonless;

/// <summary>What one instruction did: a line of the image's history and, where files changed, a layer.</summary>
/// <param name="CreatedBy">The instruction.</param>
/// <param name="Entries">The layer; none where only the config changed.</param>
internal sealed record BuildStep(string CreatedBy, IReadOnlyList<TreeEntry> Entries);
