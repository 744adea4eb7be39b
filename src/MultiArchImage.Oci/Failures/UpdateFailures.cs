using MultiArchImage.Oci.Model;

namespace MultiArchImage;

/// <summary>The tag does not hold what the user said that it must (<c>-IfDigest</c>), or what was put there (<c>-Previous</c>).</summary>
public sealed class TagChangedException(string reference, Digest expected, Digest? actual, string remedy)
    : ImageException(
        $"{reference} holds {actual?.ToString() ?? "nothing"}, not {expected}; nothing was pushed",
        remedy)
{
    /// <summary>What the tag was to hold.</summary>
    public Digest Expected => expected;

    /// <summary>What it holds; null for nothing.</summary>
    public Digest? Actual => actual;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;
}

/// <summary>Another writer changed the same thing at the same time, and its change stands.</summary>
public sealed class FatManifestContendedException(string reference, string contested, Digest? winner)
    : ImageException(
        $"{reference} is changed by another writer at the same time, who won: {contested}; it holds {winner?.ToString() ?? "nothing"} now",
        "find out which of the two is right, and run that one again")
{
    /// <summary>What the name holds now; null for nothing.</summary>
    public Digest? Winner => winner;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;
}

/// <summary>A platform that was to be taken out of a fat manifest is not in it.</summary>
public sealed class PlatformNotThereException(string reference, IReadOnlyList<string> platforms, IReadOnlyList<string> present)
    : ImageException(
        $"{reference} has no entry for {string.Join(", ", platforms)} (it has {(present.Count == 0 ? "none" : string.Join(", ", present))}); nothing was pushed",
        "leave it out of -Remove")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}

/// <summary>An update would leave no image in a fat manifest.</summary>
public sealed class NothingLeftException(string reference)
    : ImageException($"{reference} would have no image left; nothing was pushed", "Remove-ArchImage removes the name itself")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}
