using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Removal;

/// <summary>
/// Decides what removing a tag or digest deletes. What other tags need stays, whatever it belongs to; what others push between the plan and the
/// removal is not known to it.
/// </summary>
public sealed class RemovalPlanner(ImageStores stores, IActivitySink sink)
{
    private readonly ConcurrentDictionary<IImageStore, ManifestFamilies> _families = new();

    /// <summary>The tags that a pattern means, as they are now; a name without tag and wildcards means <c>latest</c>.</summary>
    public async Task<IReadOnlyList<ImageReference>> ExpandAsync(ReferencePattern pattern, CancellationToken cancel)
    {
        if (pattern.ExactOrLatest is { } exact)
            return [exact.OrLatest()];
        var place = pattern.RequirePlace();
        // Read to the end first: pages of a list whose tags go meanwhile would leave some out.
        var tags = new List<ImageReference>();
        await foreach (var tag in stores.Open(place).ListTagsAsync(cancel).ConfigureAwait(false))
        {
            if (pattern.IsTagMatch(tag))
                tags.Add(place.WithTag(tag));
        }
        return tags;
    }

    /// <summary>Plans. A tag alone needs no request; all else looks at every tag of the place.</summary>
    /// <exception cref="ManifestNotFoundException">The tag or digest is not there.</exception>
    /// <exception cref="StillNeededException">Tags need the digest.</exception>
    /// <exception cref="UnsupportedPlaceException">Nothing can be removed from there.</exception>
    public async Task<RemovalPlan> PlanAsync(RemovalRequest request, CancellationToken cancel)
    {
        request = request with { Reference = request.Reference.OrLatest() };
        var reference = request.Reference;
        var store = stores.Open(reference.Place);
        if (store is not IDeletion place)
            throw new UnsupportedPlaceException($"{reference}", "an archive is written as a whole: copy what is to stay to a new one, and delete the file");
        var plan = new RemovalPlan { Store = store, Reference = reference };
        if (reference.Digest is null && !request.Recurse)
            return plan with { Tag = reference.TagOrDigest };
        var head = await store.ResolveAsync(reference.TagOrDigest, cancel).ConfigureAwait(false)
            ?? throw new ManifestNotFoundException($"{reference}") { Subject = $"{reference}" };
        if (request is { Force: true, Recurse: false })
            return plan with { Manifests = [new RemovedManifest(head.Digest, KindOf(head, head))] };
        sink.Verbose($"{store.Place}: looking what its tags need");
        var families = _families.GetOrAdd(store, place => new ManifestFamilies(place));
        var dependencies = await Dependencies.ReadAsync(place, families, cancel).ConfigureAwait(false);
        var family = request.Recurse ? await families.OfAsync(head, cancel).ConfigureAwait(false) : [head];
        return Divide(plan, request, head, family, dependencies);
    }

    private static RemovalPlan Divide(
        RemovalPlan plan, RemovalRequest request, Descriptor head, IReadOnlyList<Descriptor> family, Dependencies dependencies)
    {
        // A tag goes itself and leaves its sisters; a digest takes every tag that holds it, which is refused unless it is forced.
        Func<HeldTag, bool> isRemoved = request.Reference.Digest is null ? tag => tag.Tag == request.Reference.Tag
            : request.Force ? tag => tag.Manifest.Digest == head.Digest
            : tag => tag.Tag is null && tag.Manifest.Digest == head.Digest;
        var users = family.ToDictionary(member => member.Digest, member => dependencies.UsersOf(member.Digest, isRemoved));
        if (request.Reference.Digest is not null)
        {
            if (users[head.Digest] is { Count: > 0 } needed && !request.Force)
                throw new StillNeededException($"{request.Reference}", needed) { Subject = $"{request.Reference}" };
            users[head.Digest] = [];
        }
        if (users[head.Digest] is { Count: > 0 } others)
            return plan with { Tag = request.Reference.TagOrDigest, Kept = [new KeptManifest(head.Digest, KindOf(head, head), others)] };
        return plan with
        {
            Manifests = [.. family.Where(member => users[member.Digest].Count == 0).Select(member => new RemovedManifest(member.Digest, KindOf(member, head)))],
            Kept = [.. family.Where(member => users[member.Digest].Count > 0)
                .Select(member => new KeptManifest(member.Digest, KindOf(member, head), users[member.Digest]))],
        };
    }

    private static string KindOf(Descriptor member, Descriptor head) =>
        member.IsAttestation ? "attestation"
        : MediaTypes.IsIndex(member.MediaType) ? "fat manifest"
        : member.Digest == head.Digest ? "image"
        : member.Platform?.ToString() ?? "image";
}
