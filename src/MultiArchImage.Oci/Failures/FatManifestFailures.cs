using MultiArchImage.Oci.Model;

namespace MultiArchImage;

/// <summary>The gate of <c>-RequirePlatform</c>.</summary>
public sealed class RequiredPlatformMissingException(string name, IReadOnlyList<string> missing, IReadOnlyList<string> present)
    : ImageException(
        $"{name} lacks {Several.Of(missing)} (it would have {(present.Count == 0 ? "nothing" : Several.Of(present))}); nothing was pushed",
        "build and publish the missing image, then run this again")
{
    /// <summary>The platforms that were required and are not there.</summary>
    public IReadOnlyList<string> Missing => missing;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}

/// <summary>Two different images for one platform.</summary>
public sealed class PlatformConflictException(string name, string platform, IReadOnlyList<string> images)
    : ImageException(
        $"{name} would have {images.Count} images for {platform}: {Several.Of(images)}",
        "leave all but one out, or give -Replace to let the last one win")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;
}

/// <summary>A tag or caller says one architecture, the image's config another.</summary>
public sealed class PlatformMismatchException(string reference, string claimed, string actual)
    : ImageException($"{reference} says {claimed}, but its config says {actual}", "build the image for the platform that its name promises, or give -AllowPlatformMismatch")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>The gate of <c>-Deep</c>: what an image runs first is another machine's than its config says.</summary>
public sealed class ProgramMismatchException(string name, IReadOnlyList<string> mismatches)
    : ImageException(
        $"{name} would promise what its images cannot keep: {string.Join("; ", mismatches)}; nothing was pushed",
        "build the image from a base for its platform (pull the base with --platform) and publish it again")
{
    /// <summary>What was found, a sentence for each image.</summary>
    public IReadOnlyList<string> Mismatches => mismatches;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>The gate of <c>-Deep</c>: images for two platforms have the same layers, and no program in them tells which of the two they are for.</summary>
public sealed class SameLayersException(string name, IReadOnlyList<string> images)
    : ImageException(
        $"{name} would give one image to two machines: {string.Join("; ", images)} Nothing was pushed",
        "build the image anew for the platform that it was not built for; give -AllowPlatformMismatch if its content is for all")
{
    /// <summary>What was found, a sentence for each set of images.</summary>
    public IReadOnlyList<string> Images => images;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>The name without the architecture cannot be told from the images' names.</summary>
public sealed class NameUnderivableException(string reference, string reason)
    : ImageException($"no name for the fat manifest follows from {reference}: {reason}", "give -Name")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>The media type that was asked for cannot hold what was asked for.</summary>
public sealed class FormatConflictException(string name, string reason)
    : ImageException($"{name} cannot be a Docker manifest list: {reason}", "leave -Format out, or give -Format Oci")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>Nothing came that could be joined.</summary>
public sealed class NothingToJoinException(string name, string reason)
    : ImageException($"nothing to join into {name}: {reason}", "check what the pipeline or the names bring")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>An image that should be an entry was never pushed.</summary>
public sealed class NotPublishedException(string reference)
    : ImageException($"{reference} is in the engine only; a fat manifest joins what a registry has", "pipe it through Publish-ArchImage first")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>A name holds one image where a fat manifest was meant.</summary>
public sealed class NotFatManifestException(string reference)
    : ImageException($"{reference} is a single image, not a fat manifest", "Get-ArchImage -Remote shows it")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>An image failed earlier in the pipeline, so that what came is not all.</summary>
public sealed class PipelineIncompleteException(IReadOnlyList<string> failed)
    : ImageException(
        $"{string.Join(", ", failed)} failed earlier in this pipeline; nothing was written, and what was there is as it was",
        "mend that and run this again, or give -IgnoreMissing to go on with what there is")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}

/// <summary>The gate of <c>-RequireSame</c>: the entries are not of one build.</summary>
public sealed class BuildsDifferException(string name, string label, IReadOnlyList<string> values)
    : ImageException(
        $"{name} would join different builds; {label} is {string.Join(", ", values)}; nothing was pushed",
        "build and publish all platforms from one source, then run this again")
{
    /// <summary>The label that differs or is missing.</summary>
    public string Label => label;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>The gate of <c>-ExpectedDigest</c>: the fat manifest is not the one that was reviewed.</summary>
public sealed class UnexpectedDigestException(string name, Digest expected, Digest actual)
    : ImageException(
        $"{name} would be {actual}, not {expected}; nothing was pushed", "look with -WhatIf at what changed, and give the digest that it shows")
{
    /// <summary>The digest that it would have.</summary>
    public Digest Actual => actual;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>The images of other jobs did not come in time (<c>-WaitFor</c>).</summary>
public sealed class WaitTimeoutException(string template, IReadOnlyList<string> missing, TimeSpan waited)
    : ImageException(
        $"{string.Join(", ", missing)} did not appear within {waited:c}; nothing was pushed for {template}",
        "look why the job that publishes it did not, or give a longer -WaitTimeout")
{
    /// <summary>The names that did not appear.</summary>
    public IReadOnlyList<string> Missing => missing;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Timeout;
}

/// <summary>A key of a map says something of an image that there is not, or says it twice.</summary>
public sealed class UnmatchedKeyException(string parameter, string key, string reason)
    : ImageException($"'{key}' of {parameter} cannot be used: {reason}", "check the key")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>Some of several tags could not be moved.</summary>
public sealed class TagsPartlyMovedException(
    string place, string failed, IReadOnlyList<string> restored, IReadOnlyList<string> left, ImageException cause)
    : ImageException(
        $"{place}:{failed} could not be moved ({cause.Message}); "
        + (restored.Count == 0 ? "" : $"put back to what they held: {string.Join(", ", restored)}; ")
        + (left.Count == 0 ? "no tag holds the new fat manifest" : $"still at the new fat manifest: {string.Join(", ", left)}"),
        "mend that and run this again", cause)
{
    /// <summary>The tags that hold the new fat manifest although not all could.</summary>
    public IReadOnlyList<string> Left => left;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Failed;
}

/// <summary>One of several names could not be moved.</summary>
public sealed class NamesPartlyMovedException(string failed, IReadOnlyList<string> restored, IReadOnlyList<string> left, ImageException cause)
    : ImageException(
        $"{failed} could not be moved ({cause.Message}); "
        + (restored.Count == 0 ? "" : $"put back to what they held: {string.Join(", ", restored)}; ")
        + (left.Count == 0 ? "no name was moved" : $"moved all the same: {string.Join(", ", left)}"),
        "mend that and run this again", cause)
{
    /// <summary>The names that were moved although not all could.</summary>
    public IReadOnlyList<string> Left => left;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Failed;
}

/// <summary>A name holds something else and was not to be overwritten.</summary>
public sealed class NameTakenException(string name, Digest holds)
    : ImageException($"{name} holds {holds} already; nothing was moved", "give another name, or leave -NoClobber out")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;
}

/// <summary>A fat manifest says nothing of what its name held before.</summary>
public sealed class NothingToPutBackException(string name)
    : ImageException(
        $"{name} took the place of nothing that is known",
        "give what New-FatManifest or Copy-ArchImage brought, which has PreviousDigest; or copy the digest or the tag that was kept to the name")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>Two images of one command would get the same name.</summary>
public sealed class NameConflictException(string name, string first, string second, string remedy = "give the repository alone, so that each keeps its tag")
    : ImageException($"{first} and {second} would both be copied to {name}", remedy)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}
