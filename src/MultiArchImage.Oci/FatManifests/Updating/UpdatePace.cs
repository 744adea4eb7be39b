namespace MultiArchImage.Oci.FatManifests.Updating;

/// <summary>The times of the update protocol; see <see cref="TagUpdate"/> for what each is worth.</summary>
public sealed record UpdatePace
{
    /// <summary>
    /// The least time that a document must stand before the update counts as settled. A writer reads and writes within one round trip; this is
    /// several of the slowest, and short enough to wait for.
    /// </summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many times the slowest round of this writer a document must stand, where that is longer than <see cref="Settle"/>.</summary>
    public int SlowestRounds { get; init; } = 2;

    /// <summary>How old what was read may be when the write begins; older, it is read again. It is less than every other writer's wait.</summary>
    public TimeSpan Freshness => Settle / 2;

    /// <summary>How long a write, with its retries, may take before it is given up and what the tag holds is read again.</summary>
    public TimeSpan WriteLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long to go on merging with what other writers put there.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);
}
