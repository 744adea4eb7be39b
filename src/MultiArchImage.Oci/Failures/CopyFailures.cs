using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage;

/// <summary>A tag holds something else already, and may not be moved (<c>-NoClobber</c>).</summary>
public sealed class TagTakenException(string reference, Digest held)
    : ImageException($"{reference} holds {held} already; nothing was moved", "give another tag, or leave -NoClobber out to replace it")
{
    /// <summary>What it holds.</summary>
    public Digest Held => held;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;

    internal static TagTakenException Of(ImageReference name, Digest held) => new($"{name}", held) { Subject = $"{name}" };
}

/// <summary>Two different images would get one name.</summary>
public sealed class DestinationConflictException(string destination, string source, string first)
    : ImageException(
        $"{source} would take {destination} from {first}, which the same command copies there",
        "give a destination without a tag, so that each image keeps its own, or copy them one by one")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>An object does not say what its name held before (<c>-Previous</c>).</summary>
public sealed class NoPreviousException(string reference)
    : ImageException(
        $"nothing says what {reference} held before",
        "pipe the object in that replaced it (its PreviousDigest is set where something was), or copy REPOSITORY@DIGEST to the tag")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}
