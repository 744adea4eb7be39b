using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>
/// Plans fat manifests: looks at the images and at what the names hold now, both at once, groups the images by the name they share, and holds
/// each group against the rules. Nothing is changed.
/// </summary>
public sealed class FatManifestPlanner(ImageStores stores, IActivitySink sink)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Descriptor?>>> _looks = new(StringComparer.Ordinal);

    /// <summary>A plan, or the failure that stands in its way, for each name that the images belong to.</summary>
    /// <exception cref="ImageException">An image could not be looked at, or belongs to no name.</exception>
    public async Task<IReadOnlyList<PlannedFatManifest>> PlanAsync(
        IReadOnlyList<JoinSource> sources, JoinRequest request, CancellationToken cancel)
    {
        LookAhead(sources, request, cancel);
        var candidates = await ReadAllAsync(sources, request, cancel).ConfigureAwait(false);
        if (candidates.Count == 0)
        {
            if (request.Name is { } name)
                FatManifestRules.Require(name.OrLatest(), request.RequiredPlatforms, []);
            throw new NothingToJoinException($"{request.Name ?? (object)"a fat manifest"}", "no image came");
        }
        request.Platforms.RequireAllUsed(candidates);
        var groups = request.ForEachName().SelectMany(named => candidates.GroupBy(candidate => Target(candidate, named)).Select(group => (named, group)));
        return await Task.WhenAll(groups.Select(one => TryPlanAsync(one.group.Key, [.. one.group], one.named, cancel))).ConfigureAwait(false);
    }

    // A name that is plain to see is looked at while the images are: the answer is there when it is needed.
    private void LookAhead(IReadOnlyList<JoinSource> sources, JoinRequest request, CancellationToken cancel)
    {
        if (!request.NeedsPrevious)
            return;
        foreach (var named in request.ForEachName())
        {
            var names = named.Name is not null
                ? [named.Name]
                : sources.Select(source => ArchitectureMark.OnlyShortName(source.Reference)).OfType<ImageReference>().Distinct();
            foreach (var name in names.SelectMany(name => Tags(name, named).Select(name.WithTag)))
                _ = LookAsync(name, cancel);
        }
    }

    private async Task<IReadOnlyList<Candidate>> ReadAllAsync(IReadOnlyList<JoinSource> sources, JoinRequest request, CancellationToken cancel)
    {
        var reader = new CandidateReader(stores, request.ToOptions());
        var read = await Task.WhenAll(sources.Select(ReadAsync)).ConfigureAwait(false);
        return [.. read.SelectMany(candidates => candidates)];

        async Task<IReadOnlyList<Candidate>> ReadAsync(JoinSource source)
        {
            try
            {
                return await reader.ReadAsync(source, cancel).ConfigureAwait(false);
            }
            catch (ImageException e) when (request.IgnoreMissing && e is ManifestNotFoundException or RepositoryNotFoundException)
            {
                sink.Warning($"{source.Reference} is not there and is left out");
                return [];
            }
        }
    }

    private static ImageReference Target(Candidate candidate, JoinRequest request)
    {
        if (request.Name is not null)
            return request.Name.OrLatest();
        if (request.UnmarkedPlatform?.IsSameMachineAs(candidate.Platform) == true && !ArchitectureMark.IsIn(candidate.Reference))
            return candidate.Reference.WithTag(request.Tags.Count > 0 ? request.Tags[0] : candidate.Reference.Tag ?? ImageReference.DefaultTag);
        var named = candidate.Reference.Tag is null && request.Tags.Count > 0
            ? candidate.Reference.Place
            : (request.AllowPlatformMismatch ? ArchitectureMark.OnlyShortName(candidate.Reference) : null)
                ?? ArchitectureMark.ShortName(candidate.Reference, candidate.Platform);
        return request.Tags.Count > 0 ? named.WithTag(request.Tags[0]) : named;
    }

    private async Task<PlannedFatManifest> TryPlanAsync(
        ImageReference target, IReadOnlyList<Candidate> candidates, JoinRequest request, CancellationToken cancel)
    {
        try
        {
            var entries = FatManifestRules.OnePerPlatform(target, candidates, request.Replace);
            FatManifestRules.Require(target, request.RequiredPlatforms, entries);
            BuildGate.Require(target, request.RequiredSame, entries);
            if (request.Deep)
                await new ProgramGate(sink, request.AllowPlatformMismatch).RequireAsync(target, entries, cancel).ConfigureAwait(false);
            return new PlannedFatManifest(target, await PlanAsync(target, FatManifestRules.Annotate(entries, request.EntryAnnotations), request, cancel).ConfigureAwait(false));
        }
        catch (ImageException failure)
        {
            return new PlannedFatManifest(target, null, failure);
        }
    }

    private async Task<FatManifestPlan> PlanAsync(
        ImageReference target, IReadOnlyList<Candidate> entries, JoinRequest request, CancellationToken cancel)
    {
        var store = stores.Open(target.Place);
        var mediaType = FatManifestRules.MediaType(target, request, entries);
        var tags = Tags(target, request);
        var subject = request.Subject is null ? null : await request.Subject.ResolveAsync(target, store, cancel).ConfigureAwait(false);
        var index = ImageIndex.Create(mediaType, entries.SelectMany(entry => entry.Entries), request.Annotations, request.ArtifactType, subject);
        FatManifestRules.Expect(target, request.ExpectedDigest, index.Digest);
        var plan = new FatManifestPlan
        {
            Store = store,
            Target = target,
            Tags = tags,
            Index = index,
            Moves = EntryMove.To(target, entries),
            Previous = request.NeedsPrevious ? await LookAtAsync(target, tags, cancel).ConfigureAwait(false) : new Dictionary<string, Digest>(),
            WasLookedAt = request.NeedsPrevious,
            Force = request.Force,
            Images = [.. entries.Select(entry => entry.Facts).OfType<ImageFacts>()],
        };
        plan = request.KeepPreviousAs is null ? plan : plan with { Kept = KeepingTags.Of(plan, request.KeepPreviousAs) };
        plan.RequirePulls();
        return plan;
    }

    // -Tag without -Name stands in place of the derived tag; beside -Name it adds to that name's own.
    private static List<string> Tags(ImageReference target, JoinRequest request) =>
        request.Tags.Count == 0 ? [target.Tag ?? ImageReference.DefaultTag]
        : request.Name?.Tag is { } own ? [.. request.Tags.Prepend(own).Distinct()]
        : [.. request.Tags.Distinct()];

    private async Task<Dictionary<string, Digest>> LookAtAsync(ImageReference target, List<string> tags, CancellationToken cancel)
    {
        var found = await Task.WhenAll(tags.Select(tag => LookAsync(target.WithTag(tag), cancel))).ConfigureAwait(false);
        return tags.Zip(found).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First, pair => pair.Second!.Digest);
    }

    // What else is wrong with a repository than that it is not there yet, the push will say.
    private Task<Descriptor?> LookAsync(ImageReference name, CancellationToken cancel) =>
        _looks.GetOrAdd(name.FullName, _ => new Lazy<Task<Descriptor?>>(() => stores.Open(name.Place).TryResolveAsync(name.TagOrDigest, cancel))).Value;
}

/// <summary>A plan for one name, or why there is none.</summary>
public sealed record PlannedFatManifest(ImageReference Target, FatManifestPlan? Plan, ImageException? Failure = null);
