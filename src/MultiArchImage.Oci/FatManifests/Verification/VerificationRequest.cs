using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.FatManifests.Verification;

/// <summary>What a fat manifest is held to, beyond being whole and true.</summary>
public sealed record VerificationRequest
{
    /// <summary>Platforms that must have an entry.</summary>
    public IReadOnlyList<Platform> RequiredPlatforms { get; init; } = [];

    /// <summary>Labels that all images must share: <c>Revision</c>, <c>Version</c>, or a label's own name.</summary>
    public IReadOnlyList<string> SameLabels { get; init; } = [];

    /// <summary>How old an image may be; null where any age is right.</summary>
    public TimeSpan? MaximumAge { get; init; }

    /// <summary>How many bytes an image may have, as pulled; null where any size is right.</summary>
    public long? MaximumSize { get; init; }

    /// <summary>
    /// The images' own names, <c>k8s-{arch}-latest</c> or with the repository before it: each entry must be what its tag holds now. Without
    /// <c>{arch}</c> it goes before the last part. Null where the tags are not looked at.
    /// </summary>
    public string? Template { get; init; }

    /// <summary>Whether every layer must be there, no two platforms may have the same ones, and what an image runs first must be its platform's.</summary>
    public bool Deep { get; init; }
}
