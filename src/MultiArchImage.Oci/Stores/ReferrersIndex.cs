using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>The index of a manifest's referrers where the place itself keeps none (distribution-spec: Referrers Tag Schema).</summary>
internal static class ReferrersIndex
{
    /// <summary>What the index under <see cref="ReferrersTag.Of"/> lists; nothing where there is no such tag, or no index under it.</summary>
    public static async Task<IReadOnlyList<Descriptor>> ReadReferrersIndexAsync(this IImageStore store, Digest subject, CancellationToken cancel)
    {
        var tag = ReferrersTag.Of(subject);
        if (await store.ResolveAsync(tag, cancel).ConfigureAwait(false) is not { } held || !MediaTypes.IsIndex(held.MediaType))
            return [];
        return ImageIndex.Parse(await store.GetManifestAsync($"{held.Digest}", cancel).ConfigureAwait(false)).Entries;
    }

    /// <summary>The index of these referrers; equal ones give equal bytes.</summary>
    public static Manifest Of(IEnumerable<Descriptor> referrers) =>
        ImageIndex.Create(MediaTypes.OciIndex, referrers.DistinctBy(referrer => referrer.Digest)).Document;
}
