using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>Plans copies: reads the documents, and looks at what the names hold now. Nothing is changed.</summary>
public sealed class CopyPlanner(ImageStores stores, IActivitySink sink)
{
    // What each name was given to: several sources of one command may not overwrite each other.
    private readonly ConcurrentDictionary<string, ImageReference> _claimed = new(StringComparer.Ordinal);

    /// <summary>A plan.</summary>
    /// <exception cref="ManifestNotFoundException">The source, or something that it refers to, is not there.</exception>
    /// <exception cref="NoImageForPlatformException">A platform that is to be taken is not there.</exception>
    /// <exception cref="NameTakenException">A name holds something else, and is not to be overwritten.</exception>
    /// <exception cref="TagChangedException">A name does not hold what it must.</exception>
    /// <exception cref="PullBudgetException">A registry that counts pulls does not allow as many as are needed.</exception>
    public async Task<CopyPlan> PlanAsync(CopyRequest request, CancellationToken cancel)
    {
        var from = stores.Open(request.Source.Place);
        var reading = from.GetManifestAsync(request.Source.TagOrDigest, cancel);
        var looking = Task.WhenAll(Names(request).Select(name => LookAsync(request, name, cancel)));
        await Task.WhenAll(reading, looking).ConfigureAwait(false);
        var document = await reading.ConfigureAwait(false);
        var copied = await PickAsync(request, from, document, cancel).ConfigureAwait(false);
        var targets = (await looking.ConfigureAwait(false)).Select(target => Checked(request, target, copied.Digest)).ToList();
        var plan = new CopyPlan { Source = request.Source, From = from, Tree = new ImageTree(copied, []), Targets = targets };
        var others = targets.Select(target => target.Store).Where(store => store.Place != from.Place).Distinct().ToList();
        if (!plan.Places.Any() && !(request.IncludesReferrers && others.Count > 0))
            return plan;
        plan = plan with { Tree = await ImageTree.ReadAsync(from, copied, cancel).ConfigureAwait(false) };
        return request.IncludesReferrers ? await WithReferrersAsync(plan, request, document, others, cancel).ConfigureAwait(false) : plan;
    }

    /// <summary>
    /// Claims the names that a copy gives. Copies that run at the same time may end in any order: of two sources for one name the second is refused,
    /// before either is looked at.
    /// </summary>
    /// <exception cref="NameConflictException">Another source has the name already.</exception>
    /// <exception cref="InvalidReferenceException">A destination has a digest.</exception>
    public void Claim(CopyRequest request)
    {
        foreach (var name in Names(request).Where(name => name.Tag is not null))
        {
            var first = _claimed.GetOrAdd(name.FullName, request.Source);
            if (first != request.Source)
                throw new NameConflictException($"{name}", $"{first}", $"{request.Source}") { Subject = $"{request.Source}" };
        }
    }

    // What is about an image may come after the image was copied: names that have it already are looked at too.
    private async Task<CopyPlan> WithReferrersAsync(
        CopyPlan plan, CopyRequest request, Manifest original, IReadOnlyList<IImageStore> places, CancellationToken cancel)
    {
        if (plan.Digest != original.Digest)
            sink.Verbose($"{request.Source}: what is about the whole, {original.Digest}, stays; what is about its images comes along");
        // Nothing can be about an index that is made just now.
        var subjects = plan.Tree.Documents.Select(one => one.Digest).Where(digest => digest != plan.Digest || digest == original.Digest);
        var found = await new ReferrerSearch(plan.From).FindAsync(subjects, cancel).ConfigureAwait(false);
        var moves = await Task.WhenAll(places.Select(place => ReferrerMove.ForAsync(place, found, request.NoClobber, cancel))).ConfigureAwait(false);
        return plan with { Referrers = [.. moves.Where(move => move.Missing.Count > 0)] };
    }

    private static List<ImageReference> Names(CopyRequest request) =>
        [.. request.Destinations.Select(destination => Name(request.Source, destination)).DistinctBy(name => name.FullName)];

    // Without a tag; the digest follows when it is known.
    private static ImageReference Name(ImageReference source, ImageReference destination) =>
        destination.Digest is not null
            ? throw new InvalidReferenceException($"{destination}", "a digest is not given, it follows from the content", "give a tag, or the repository alone")
        : destination.Tag is null && source.Tag is { } tag ? destination.WithTag(tag)
        : destination;

    private async Task<CopyTarget> LookAsync(CopyRequest request, ImageReference name, CancellationToken cancel)
    {
        var store = stores.Open(name.Place);
        // Without a tag only the digest of the source, where that is known and stays as it is, can be looked for.
        var asked = name.Tag ?? (request.Platforms.Count == 0 ? request.Source.Digest?.ToString() : null);
        if (asked is null || (request.Force && !request.NoClobber))
            return new CopyTarget(store, name, null, WasLookedAt: false);
        return new CopyTarget(store, name, await HoldsAsync(store, asked, cancel).ConfigureAwait(false), WasLookedAt: true);
    }

    private static CopyTarget Checked(CopyRequest request, CopyTarget target, Digest digest)
    {
        var (name, held) = (target.Name, target.Previous);
        if (name.Tag is null)
            return target with { Name = name.WithDigest(digest) };
        if (!target.WasLookedAt || held == digest)
            return target;
        if (request.Expected is { } expected && held != expected)
            throw new TagChangedException(
                $"{name}", expected, held, "another job moved it since: look at what it holds now; with -Force it is put back all the same") { Subject = $"{name}" };
        return request.NoClobber && held is not null ? throw new NameTakenException($"{name}", held) { Subject = $"{name}" } : target;
    }

    private static async Task<Digest?> HoldsAsync(IImageStore store, string tagOrDigest, CancellationToken cancel)
    {
        var held = await store.TryResolveAsync(tagOrDigest, cancel).ConfigureAwait(false);
        // A layout answers for 'latest' with the only image that it has; here the tag itself counts.
        var isOther = held is not null && store.Place.IsFile && tagOrDigest == ImageReference.DefaultTag
            && !await HasTagAsync(store, tagOrDigest, cancel).ConfigureAwait(false);
        return isOther ? null : held?.Digest;
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

    // Some platforms of a fat manifest are a fat manifest again, with the attestations of those that stay.
    private async Task<Manifest> PickAsync(CopyRequest request, IImageStore from, Manifest document, CancellationToken cancel)
    {
        if (request.Platforms.Count == 0)
            return document;
        if (!document.IsIndex)
        {
            var config = await from.ReadConfigAsync(ImageManifest.Parse(document), cancel).ConfigureAwait(false);
            var others = request.Platforms.Where(platform => !config.Platform.IsSameMachineAs(platform)).ToList();
            return others.Count == 0 ? document : throw Missing(request, others, [config.Platform]);
        }
        var index = ImageIndex.Parse(document);
        var missing = request.Platforms.Where(platform => index.Find(platform) is null).ToList();
        if (missing.Count > 0)
            throw Missing(request, missing, index.Images.Select(entry => entry.Platform).OfType<Platform>());
        var images = index.Images.Where(entry => request.Platforms.Any(platform => entry.Platform?.IsSameMachineAs(platform) == true)).ToList();
        if (images.Count == index.Images.Count())
            return document;
        var digests = images.Select(entry => entry.Digest).ToHashSet();
        var attestations = index.Entries.Where(entry => entry.AttestedDigest is { } about && digests.Contains(about));
        var picked = index.With(document.MediaType, [.. images, .. attestations], index.Annotations);
        sink.Verbose($"{request.Source}: {string.Join(", ", images.Select(entry => entry.Platform))} of it are {picked.Digest}; the whole is {document.Digest}");
        return picked.Document;
    }

    private static NoImageForPlatformException Missing(CopyRequest request, IEnumerable<Platform> missing, IEnumerable<Platform> available) =>
        new($"{request.Source}", string.Join(", ", missing), [.. available.Select(platform => $"{platform}")]) { Subject = $"{request.Source}" };
}
