using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Removal;

/// <summary>
/// Which tags of a place need which manifests: the one they hold and, of a fat manifest, its entries. A fat manifest without a tag is not seen: a
/// registry lists none.
/// </summary>
internal sealed class Dependencies
{
    private readonly IReadOnlyList<(HeldTag Tag, IReadOnlySet<Digest> Needed)> _tags;

    private Dependencies(IReadOnlyList<(HeldTag Tag, IReadOnlySet<Digest> Needed)> tags) => _tags = tags;

    /// <summary>Reads all tags as they are now: from a registry one HEAD a tag, and one GET a fat manifest that was not read before.</summary>
    public static async Task<Dependencies> ReadAsync(IDeletion place, ManifestFamilies families, CancellationToken cancel)
    {
        var held = await place.ReadTagsAsync(cancel).ConfigureAwait(false);
        return new Dependencies(await Task.WhenAll(held.Select(async tag =>
        {
            var family = await families.OfAsync(tag.Manifest, cancel).ConfigureAwait(false);
            return (tag, (IReadOnlySet<Digest>)family.Select(member => member.Digest).ToHashSet());
        })).ConfigureAwait(false));
    }

    /// <summary>The names of the tags that need a manifest: they hold it, or a fat manifest that does.</summary>
    /// <param name="digest">The manifest.</param>
    /// <param name="isRemoved">The tags that do not count.</param>
    public IReadOnlyList<string> UsersOf(Digest digest, Func<HeldTag, bool> isRemoved) =>
    [
        .. _tags.Where(user => !isRemoved(user.Tag) && user.Needed.Contains(digest)).Select(user => NameOf(user.Tag, digest))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    private static string NameOf(HeldTag user, Digest digest) =>
        (user.Tag ?? $"the untagged {user.Manifest.Digest.Short}") + (user.Manifest.Digest == digest ? "" : " (a fat manifest)");
}
