using MultiArchImage.Oci.Model;

namespace MultiArchImage;

/// <summary>The registry lets nobody delete.</summary>
public sealed class DeletionDisabledException(string registry, RegistryErrorException cause)
    : ImageException(
        $"{registry} lets nobody delete ({cause.Status}{(cause.Code is null ? "" : $" {cause.Code}")}); nothing was changed",
        "have its owner allow it: storage.delete.enabled: true in the configuration of CNCF Distribution, REGISTRY_STORAGE_DELETE_ENABLED=true for its container",
        cause)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotSupported;
}

/// <summary>A tag could not be deleted, on a registry that has to be given something in its place first.</summary>
/// <param name="reference">The tag.</param>
/// <param name="held">What it held.</param>
/// <param name="standIn">What it may hold now; null where it holds <paramref name="held"/> again.</param>
/// <param name="cause">Why it failed.</param>
public sealed class TagNotDeletedException(string reference, Digest held, Digest? standIn, ImageException cause)
    : ImageException(
        $"{reference} could not be deleted ({cause.Message}); "
        + (standIn is null ? $"it holds {held.Short} as before" : $"it may hold the empty stand-in {standIn} in place of {held}, which is still there by its digest"),
        standIn is null ? "mend that and run this again" : $"run this again to delete the tag, or copy {held} to the tag again to keep it",
        cause)
{
    /// <summary>What the tag held.</summary>
    public Digest Held => held;

    /// <summary>What it may hold now; null where it holds what it held.</summary>
    public Digest? StandIn => standIn;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Failed;
}

/// <summary>A manifest that tags, or fat manifests under tags, need was to be removed.</summary>
public sealed class StillNeededException(string reference, IReadOnlyList<string> users)
    : ImageException(
        $"{reference} was not removed, for it is needed by {string.Join(", ", users.Take(10))}{(users.Count > 10 ? $" and {users.Count - 10} more" : "")}",
        "remove these first, or give -Force to break them")
{
    /// <summary>The tags that need it.</summary>
    public IReadOnlyList<string> Users => users;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;
}

/// <summary>A name was removed, but not all that should have gone with it.</summary>
public sealed class RemovalIncompleteException(string reference, IReadOnlyList<string> left, ImageException cause)
    : ImageException(
        $"{reference} is removed, but not all that only it used ({cause.Message}); still there: {string.Join(", ", left)}",
        "mend that, and remove these by their digests",
        cause)
{
    /// <summary>What is still there, by name and digest.</summary>
    public IReadOnlyList<string> Left => left;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Failed;
}
