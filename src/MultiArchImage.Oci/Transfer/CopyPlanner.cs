using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>
/// Plans copies. It looks at what the names of the destinations hold, and reads of the source what is needed and no more: the document alone where
/// all else is in place (a new tag in the same repository), its entries where they have to be brought.
/// </summary>
public sealed class CopyPlanner(ImageStores stores, IActivitySink sink)
{
    private readonly ConcurrentDictionary<string, ImageReference> _claimed = new(StringComparer.Ordinal);

    /// <summary>
    /// Claims the names that a copy gives. What is copied at the same time may end in any order: of two images for one name the second is refused,
    /// before either is looked at.
    /// </summary>
    /// <exception cref="DestinationConflictException">Another image was given the name before.</exception>
    /// <exception cref="InvalidReferenceException">A destination has a digest.</exception>
    public void Claim(CopySource source, CopyRequest request)
    {
        foreach (var name in Names(source.Reference, request).Where(name => name.Tag is not null))
        {
            var first = _claimed.GetOrAdd(name.FullName, source.Reference);
            if (first != source.Reference)
                throw new DestinationConflictException($"{name}", $"{source.Reference}", $"{first}") { Subject = $"{source.Reference}" };
        }
    }

    /// <summary>Plans the copy of one image or fat manifest to all its destinations.</summary>
    /// <exception cref="ManifestNotFoundException">The source, or an entry of it, is not there.</exception>
    /// <exception cref="NoImageForPlatformException">A platform that was asked for is not in it.</exception>
    /// <exception cref="TagTakenException">A tag holds something else, and may not be moved.</exception>
    /// <exception cref="TagChangedException">A tag does not hold what was expected.</exception>
    public async Task<CopyPlan> PlanAsync(CopySource source, CopyRequest request, CancellationToken cancel)
    {
        var store = stores.Open(source.Reference.Place);
        var reading = store.GetManifestAsync(source.Reference.TagOrDigest, cancel);
        var looking = Task.WhenAll(Names(source.Reference, request).Select(name => LookAsync(name, source, request, cancel)));
        await Task.WhenAll(reading, looking).ConfigureAwait(false);
        var original = await reading.ConfigureAwait(false);
        var (document, image) = await ChooseAsync(source.Reference, original, store, request, cancel).ConfigureAwait(false);
        var names = await looking.ConfigureAwait(false);
        Check(names, document.Digest, source, request);
        var plan = new CopyPlan
        {
            Source = source.Reference,
            SourceStore = store,
            Content = new ContentTree(document, [], []),
            Image = image,
            Targets = Targets(names, document.Digest, source.Reference, request),
            Force = request.Force,
        };
        return await new CopyContentPlanner(store, sink).CompleteAsync(plan, original, request, cancel).ConfigureAwait(false);
    }

    private static List<ImageReference> Names(ImageReference source, CopyRequest request) =>
        [.. request.Destinations.Select(destination => Name(source, destination)).DistinctBy(name => name.FullName)];

    private static ImageReference Name(ImageReference source, ImageReference destination)
    {
        if (destination.Digest is not null)
            throw new InvalidReferenceException($"{destination}", "a destination has no digest of its own", "give the digest with what is copied, and here a repository or a tag");
        return destination.Tag is null && source.Tag is { } tag ? destination.WithTag(tag) : destination;
    }

    private async Task<CopyName> LookAsync(ImageReference name, CopySource source, CopyRequest request, CancellationToken cancel)
    {
        var asked = name.Tag ?? (request.Platforms.Count == 0 ? source.Reference.Digest?.ToString() : null);
        if (asked is null || (request is { Force: true, NoClobber: false }))
            return new CopyName(name, null);
        var store = stores.Open(name.Place);
        var held = await store.ResolveAsync(asked, cancel).ConfigureAwait(false);
        // A layout answers for 'latest' with whatever it has where that is all; here only the tag itself counts.
        var isOther = held is not null && name is { IsFile: true, Tag: ImageReference.DefaultTag }
            && !await HasTagAsync(store, name.Tag, cancel).ConfigureAwait(false);
        return new CopyName(name, isOther ? null : held?.Digest);
    }

    private static async Task<bool> HasTagAsync(IImageStore store, string wanted, CancellationToken cancel)
    {
        await foreach (var tag in store.ListTagsAsync(cancel).ConfigureAwait(false))
        {
            if (tag == wanted)
                return true;
        }
        return false;
    }

    private async Task<(Manifest Document, ArchImage? Image)> ChooseAsync(
        ImageReference name, Manifest original, IImageStore store, CopyRequest request, CancellationToken cancel)
    {
        if (!original.IsIndex)
            return (original, await ReadImageAsync(name, original, store, request.Platforms, cancel).ConfigureAwait(false));
        var index = ImageIndex.Parse(original);
        var chosen = request.Platforms.Count == 0 ? original : PlatformSelection.From(name, index, request.Platforms);
        if (chosen.Digest != original.Digest)
            sink.Verbose($"{name}: of {index.Images.Count()} images {ImageIndex.Parse(chosen).Images.Count()} are copied, as {chosen.Digest}; the whole is {original.Digest}");
        return (chosen, null);
    }

    private static async Task<ArchImage> ReadImageAsync(
        ImageReference name, Manifest document, IImageStore store, IReadOnlyList<Platform> platforms, CancellationToken cancel)
    {
        var image = ImageManifest.Parse(document);
        var config = image.IsImage ? await store.ReadConfigAsync(image, cancel).ConfigureAwait(false) : null;
        if (platforms.FirstOrDefault(platform => config?.Platform.IsSameMachineAs(platform) != true) is { } missing)
            throw new NoImageForPlatformException($"{name}", $"{missing}", [config is null ? "an artifact" : $"{config.Platform}"]) { Subject = $"{name}" };
        return config is null ? ArchImage.OfArtifact(name, image) : ArchImage.Of(name, document.ToDescriptor(), image, config);
    }

    private static void Check(IReadOnlyList<CopyName> names, Digest digest, CopySource source, CopyRequest request)
    {
        foreach (var (name, held) in names.Where(name => name.Name.Tag is not null))
        {
            if (request.NoClobber && held is not null && held != digest)
                throw TagTakenException.Of(name, held);
            if (source.Expected is { } expected && !request.Force && held != expected && held != digest)
                throw new TagChangedException($"{name}", expected, held, "somebody changed it since: look at what it holds now, or give -Force") { Subject = $"{name}" };
        }
    }

    private List<CopyTarget> Targets(IReadOnlyList<CopyName> names, Digest digest, ImageReference source, CopyRequest request)
    {
        var targets = new List<CopyTarget>();
        foreach (var group in names.GroupBy(name => name.Name.Place))
        {
            var place = group.Key;
            var earlier = targets.Find(target => !place.IsFile && target.NeedsContent && target.Store.Place.Registry == place.Registry);
            targets.Add(new CopyTarget
            {
                Store = stores.Open(place, place.IsFile && !source.IsFile ? source.Place : null),
                Names = [.. group],
                NeedsContent = place != source.Place && group.Any(name => request.Force || name.Held != digest),
                MountFrom = place.Registry == source.Registry ? null : earlier?.Store.Place,
                Cost = CopyCost.None,
            });
        }
        return targets;
    }
}
