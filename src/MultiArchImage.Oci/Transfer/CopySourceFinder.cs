using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>Finds what a pattern means to a copy.</summary>
public sealed class CopySourceFinder(ImageStores stores, IActivitySink sink)
{
    /// <summary>The one name that is meant, where that is known before anything is looked at; else null.</summary>
    public static ImageReference? Named(ReferencePattern pattern) =>
        pattern.Exact ?? (pattern.ExactOrLatest is { IsFile: false } named ? named : null);

    /// <summary>
    /// The names that a pattern means. A repository without a tag is <c>latest</c>; a layout or archive without one is all that it has. Tags that
    /// are about other manifests are no images, and come only where they are written out.
    /// </summary>
    public async IAsyncEnumerable<ImageReference> FindAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (Named(pattern) is { } named)
        {
            yield return named;
            yield break;
        }
        var (place, found) = (pattern.RequirePlace(), false);
        await foreach (var tag in stores.Open(place).ListTagsAsync(cancel).ConfigureAwait(false))
        {
            if (!pattern.IsTagMatch(tag) || ReferrersTag.IsMatch(tag))
                continue;
            found = true;
            yield return place.WithTag(tag);
        }
        // Some tools write one image to a layout and no tag.
        if (!found && pattern.ExactOrLatest is { } whole)
            yield return whole;
        else if (!found)
            sink.Warning($"no tag of {place} is like {pattern.Tag}: nothing was copied");
    }
}
