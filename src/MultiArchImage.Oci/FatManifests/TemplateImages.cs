using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>The images that a template names: <c>akraino/validation:k8s-{arch}-latest</c>.</summary>
public sealed class TemplateImages(ImageStores stores)
{
    /// <summary>The images for the platforms, or, where none are given, for every architecture that has a tag.</summary>
    public async Task<IReadOnlyList<JoinSource>> FindAsync(TagTemplate template, IReadOnlyList<Platform> platforms, CancellationToken cancel) =>
        platforms.Count > 0
            ? [.. platforms.Select(platform => Source(template, platform))]
            : [.. (await ListAsync(template, cancel).ConfigureAwait(false)).Select(reference => new JoinSource(reference))];

    /// <summary>
    /// What the tags of the platforms, or, where none are given, of every architecture, hold at this moment, by digest: a tag that moves later changes
    /// nothing of it. A platform without a tag is left out.
    /// </summary>
    public async Task<IReadOnlyList<JoinSource>> SnapshotAsync(TagTemplate template, IReadOnlyList<Platform> platforms, CancellationToken cancel)
    {
        var names = platforms.Count > 0
            ? [.. platforms.Select(platform => template.For(platform))]
            : await ListAsync(template, cancel).ConfigureAwait(false);
        var held = await Task.WhenAll(names.Select(name => stores.Open(name.Place).ResolveAsync(name.TagOrDigest, cancel))).ConfigureAwait(false);
        // A tag that went between the list and the look is not there.
        return [.. names.Zip(held).Where(pair => pair.Second is not null).Select(pair => new JoinSource(pair.First.WithDigest(pair.Second!.Digest)))];
    }

    // The name without the architecture may hold the fat manifest by now, of which only its own platform is the template's.
    private static JoinSource Source(TagTemplate template, Platform platform) =>
        new(template.For(platform)) { Picked = template.IsUnmarked(platform) ? platform : null };

    private async Task<List<ImageReference>> ListAsync(TagTemplate template, CancellationToken cancel)
    {
        var found = new List<ImageReference>();
        await foreach (var tag in stores.Open(template.Place).ListTagsAsync(cancel).ConfigureAwait(false))
        {
            if (template.Place.WithTag(tag) is var reference && template.IsMatch(reference))
                found.Add(reference);
        }
        return found;
    }
}
