using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>Finds what a pattern means to a copy.</summary>
public sealed class CopySources(ImageStores stores, IActivitySink sink)
{
    /// <summary>
    /// The one name that is meant, where that is known before anything is looked at; else null. A repository without a tag is <c>latest</c>. A layout
    /// or archive without one is all its tags, unless it gets one name: then it is its <c>latest</c>, or the only image that it has.
    /// </summary>
    public static ImageReference? Named(ReferencePattern pattern, IReadOnlyList<ImageReference> destinations) =>
        pattern.Exact ?? (pattern.ExactOrLatest is { } named && (!named.IsFile || destinations.Any(destination => destination.Tag is not null)) ? named : null);

    /// <summary>The names that a pattern means. Tags that are about other manifests are no images, and come only where they are written out.</summary>
    public async IAsyncEnumerable<ImageReference> FindAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (place, found) = (pattern.RequirePlace(), false);
        await foreach (var tag in stores.Open(place).ListTagsAsync(cancel).ConfigureAwait(false))
        {
            if (!pattern.IsTagMatch(tag) || ReferrerTag.IsMatch(tag))
                continue;
            found = true;
            yield return place.WithTag(tag);
        }
        // Some tools write one image to a layout, and no tag.
        if (!found && pattern.ExactOrLatest is { } untagged)
            yield return untagged;
        else if (!found)
            sink.Warning($"no tag of {place} is like {pattern.Tag}: nothing was copied");
    }
}
