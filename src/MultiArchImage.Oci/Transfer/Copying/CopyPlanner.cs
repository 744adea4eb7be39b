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
    private readonly ConcurrentDictionary<string, Digest> _taken = new(StringComparer.Ordinal);

    /// <summary>A plan.</summary>
    /// <exception cref="ManifestNotFoundException">The source, or something that it refers to, is not there.</exception>
    /// <exception cref="NoImageForPlatformException">A platform that is to be taken is not there.</exception>
    /// <exception cref="NameTakenException">A name holds something else, and is not to be overwritten.</exception>
    /// <exception cref="TagChangedException">A name does not hold what it must.</exception>
    /// <exception cref="PullBudgetException">A registry that counts pulls does not allow as many as are needed.</exception>
    public async Task<CopyPlan> PlanAsync(CopyRequest request, CancellationToken cancel)
    {
        var from = stores.Open(request.Source.Place);
        var document = await from.GetManifestAsync(request.Source.TagOrDigest, cancel).ConfigureAwait(false);
        var copied = await PickAsync(request, from, document, cancel).ConfigureAwait(false);
        var targets = await Task.WhenAll(request.Destinations
            .Select(destination => Name(request.Source, destination, copied.Digest)).DistinctBy(name => name.FullName)
            .Select(name => LookAsync(request, name, copied.Digest, cancel))).ConfigureAwait(false);
        var plan = new CopyPlan { Source = request.Source, From = from, Tree = new ImageTree(copied, []), Targets = targets };
        if (!plan.Places.Any())
            return plan;
        plan = plan with { Tree = await ImageTree.ReadAsync(from, copied, cancel).ConfigureAwait(false) };
        return request.IncludesReferrers
            ? plan with { Referrers = await new ReferrerSearch(from).FindAsync(plan.Tree.Documents.Select(one => one.Digest), cancel).ConfigureAwait(false) }
            : plan;
    }

    private static ImageReference Name(ImageReference source, ImageReference destination, Digest digest) =>
        destination.Digest is not null
            ? throw new InvalidReferenceException($"{destination}", "a digest is not given, it follows from the content", "give a tag, or the repository alone")
        : destination.Tag is not null ? destination
        : source.Tag is { } tag ? destination.WithTag(tag)
        : destination.Place.WithDigest(digest);

    private async Task<CopyTarget> LookAsync(CopyRequest request, ImageReference name, Digest digest, CancellationToken cancel)
    {
        if (name.Digest is null && _taken.GetOrAdd(name.FullName, digest) is { } other && other != digest)
            throw new InvalidReferenceException($"{name}", "several different images would get this name", "give the repository alone, so that each keeps its tag");
        var store = stores.Open(name.Place);
        if (request.Force && !request.NoClobber)
            return new CopyTarget(store, name, null, WasLookedAt: false);
        var held = await HoldsAsync(store, name, cancel).ConfigureAwait(false);
        if (request.Expected is { } expected && held != expected && held != digest)
            throw new TagChangedException($"{name}", expected, held) { Subject = $"{name}" };
        if (request.NoClobber && held is not null && held != digest)
            throw new NameTakenException($"{name}", held) { Subject = $"{name}" };
        return new CopyTarget(store, name, held, WasLookedAt: true);
    }

    // A repository that is not there yet holds nothing.
    private static async Task<Digest?> HoldsAsync(IImageStore store, ImageReference name, CancellationToken cancel)
    {
        try
        {
            return (await store.ResolveAsync(name.TagOrDigest, cancel).ConfigureAwait(false))?.Digest;
        }
        catch (ImageException e) when (e.Kind == FailureKind.NotFound)
        {
            return null;
        }
    }

    // Some platforms of a fat manifest are a fat manifest again, with the attestations of those that stay.
    private async Task<Manifest> PickAsync(CopyRequest request, IImageStore from, Manifest document, CancellationToken cancel)
    {
        if (request.Platforms.Count == 0)
            return document;
        if (!document.IsIndex)
        {
            var config = await from.ReadConfigAsync(ImageManifest.Parse(document), cancel).ConfigureAwait(false);
            return request.Platforms.Any(config.Platform.IsSameMachineAs)
                ? document
                : throw Missing(request, request.Platforms, [config.Platform]);
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
        sink.Verbose($"{request.Source}: {string.Join(", ", images.Select(entry => entry.Platform))} of it are {picked.Digest}");
        return picked.Document;
    }

    private static NoImageForPlatformException Missing(CopyRequest request, IEnumerable<Platform> missing, IEnumerable<Platform> available) =>
        new($"{request.Source}", string.Join(", ", missing), [.. available.Select(platform => $"{platform}")]) { Subject = $"{request.Source}" };
}
