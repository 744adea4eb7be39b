using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>A place that can be asked to move a tag only if the tag still holds what was read.</summary>
public interface IConditionalTags
{
    /// <summary>
    /// Whether the answer can be relied on. A layout holds its lock; most registries ignore the condition (RFC 9110, 13.1: <c>If-Match</c>) and
    /// move the tag whatever it holds.
    /// </summary>
    bool HonorsCondition { get; }

    /// <summary>Puts a document there and moves the tag to it; false, with the tag where it was, if the tag is known to hold something else.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="expected">What it must hold; null for nothing.</param>
    /// <param name="manifest">What it is to hold.</param>
    /// <param name="cancel">Ends the wait.</param>
    Task<bool> TryMoveTagAsync(string tag, Digest? expected, Manifest manifest, CancellationToken cancel);
}
