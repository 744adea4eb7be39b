using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests.Updating;

/// <summary>Adds, replaces and removes entries of a fat manifest, and annotates it, beside any number of others who do the same.</summary>
/// <param name="stores">The places.</param>
/// <param name="sink">What is told goes here.</param>
/// <param name="throttleLimit">How many blobs may be under way at a time.</param>
/// <param name="pace">The times of the protocol; null for the usual.</param>
/// <param name="time">The clock that waits; null for the system's.</param>
/// <param name="random">The chance in waits; null for the process's.</param>
public sealed class FatManifestUpdater(
    ImageStores stores, IActivitySink sink, int throttleLimit, UpdatePace? pace = null, TimeProvider? time = null, Random? random = null)
{
    /// <summary>Looks at the images and at what the name holds, and says what would be done. Nothing is changed.</summary>
    /// <exception cref="NotFatManifestException">The name holds a single image.</exception>
    /// <exception cref="TagChangedException">The name does not hold what it must.</exception>
    /// <exception cref="PlatformNotThereException">A platform that is to be removed is not there.</exception>
    /// <exception cref="PlatformConflictException">Two different images for one platform.</exception>
    /// <exception cref="ProgramMismatchException">What an image runs first is another machine's program.</exception>
    public async Task<UpdatePlan> PlanAsync(UpdateRequest request, CancellationToken cancel)
    {
        if (request.Name.Digest is not null)
            throw new InvalidReferenceException($"{request.Name}", "what a digest names cannot change", "give the tag");
        if (request.Images.Count + request.Removed.Count + request.Annotations.Count == 0)
            throw new NothingToJoinException($"{request.Name}", "no image came, and there is nothing to remove or annotate");
        var name = request.Name.OrLatest();
        var reader = new CandidateReader(stores, new CandidateOptions { NeedsContent = request.Deep });
        var read = await Task.WhenAll(request.Images.Select(image => reader.ReadAsync(image, cancel))).ConfigureAwait(false);
        var images = FatManifestRules.OnePerPlatform(name, read.SelectMany(candidates => candidates), lastWins: false);
        if (request.Deep)
            await new ProgramGate(sink, allowsMismatch: false).RequireAsync(name, images, cancel).ConfigureAwait(false);
        var edit = new IndexEdit(name, images, request);
        var update = new TagUpdate(name, stores.Open(name.Place), edit, request.IfDigest, sink)
        {
            Pace = pace ?? new UpdatePace(), Time = time ?? TimeProvider.System, Random = random ?? Random.Shared,
        };
        var reading = await update.ReadAsync(cancel).ConfigureAwait(false);
        edit.RequireRemovable(reading.Index);
        return new UpdatePlan(name, update, reading, edit.Apply(reading.Index), EntryMove.To(name, images));
    }

    /// <summary>
    /// Carries a plan out, on whatever the name holds by then; what the name holds in the end, entries of others among them, is the result.
    /// </summary>
    /// <exception cref="FatManifestContendedException">Another writer wants something else of the same platform, and won.</exception>
    public async Task<FatManifest> ApplyAsync(UpdatePlan plan, CancellationToken cancel)
    {
        if (!plan.IsNoOp)
            await new EntryMover(sink, throttleLimit).BringAsync(plan.Moves, stores.Open(plan.Target.Place), cancel).ConfigureAwait(false);
        var done = await plan.Update.RunAsync(plan.Reading, cancel).ConfigureAwait(false);
        return FatManifest.Of(plan.Target, done.Index) with
        {
            PreviousDigest = done.Wrote ? done.Previous?.ToString() : $"{done.Index.Digest}",
            Status = !done.Wrote ? "Unchanged" : done.Previous is null ? "Created" : "Updated",
        };
    }
}
