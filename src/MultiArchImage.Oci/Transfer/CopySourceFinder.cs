using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>Finds what a pattern means to a copy.</summary>
public sealed class CopySourceFinder(ImageStores stores, IActivitySink sink)
{
    /// <summary>
    /// The names that a pattern means. A repository without a tag is <c>latest</c>; a layout or archive without one is all that it has. Tags that
    /// are about other manifests are no images, and come only where they are written out.
    /// </summary>
    public async IAsyncEnumerable<ImageReference> FindAsync(ReferencePattern pattern, [EnumeratorCancellation] CancellationToken cancel)
    {
        var isWholeFile = pattern is { Exact: null, ExactOrLatest.IsFile: true };
        if (!isWholeFile && pattern.ExactOrLatest is { } exact)
        {
            yield return exact;
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
        if (!found && isWholeFile)
            yield return place;
        else if (!found)
            sink.Warning($"no tag of {place} is like {pattern.Tag}: nothing was copied");
    }
}
