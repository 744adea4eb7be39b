using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Naming;
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
    private readonly TemplateImages _templates = new(stores);
    private readonly UpdatePace _pace = pace ?? new UpdatePace();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Looks at the images and at what the name holds, and says what would be done. Nothing is changed.</summary>
    /// <exception cref="NotFatManifestException">The name holds a single image.</exception>
    /// <exception cref="TagChangedException">The name does not hold what it must.</exception>
    /// <exception cref="PlatformNotThereException">A platform that is to be removed is not there.</exception>
    /// <exception cref="PullBudgetException">A registry that counts pulls does not allow as many as are needed.</exception>
    /// <exception cref="PlatformConflictException">Two different images for one platform.</exception>
    /// <exception cref="ProgramMismatchException">What an image runs first is another machine's program.</exception>
    public async Task<UpdatePlan> PlanAsync(UpdateRequest request, CancellationToken cancel)
    {
        if (request.Name.Digest is not null)
            throw new InvalidReferenceException($"{request.Name}", "what a digest names cannot change", "give the tag");
        if (request.Template is not null)
            request = request with { Images = await _templates.SnapshotAsync(request.Template, request.Platforms, cancel).ConfigureAwait(false) };
        if (request.IsEmpty)
            throw new NothingToJoinException($"{request.Name}", "no image came, and there is nothing to remove or annotate");
        var name = request.Name.OrLatest();
        var reader = new CandidateReader(stores, new CandidateOptions { NeedsContent = request.Deep });
        var read = await Task.WhenAll(request.Images.Select(image => reader.ReadAsync(image, cancel))).ConfigureAwait(false);
        var images = FatManifestRules.OnePerPlatform(name, read.SelectMany(candidates => candidates), lastWins: false);
        if (request.Deep)
            await new ProgramGate(sink, allowsMismatch: false).RequireAsync(name, images, cancel).ConfigureAwait(false);
        var edit = new IndexEdit(name, images, request);
        var update = new TagUpdate(name, stores.Open(name.Place), edit, request.IfDigest, sink) { Pace = _pace, Time = _time, Random = random ?? Random.Shared };
        var reading = await update.ReadAsync(cancel).ConfigureAwait(false);
        edit.RequireRemovable(reading.Index);
        var plan = new UpdatePlan(request, name, update, reading, edit);
        plan.RequirePulls();
        return plan;
    }

    /// <summary>
    /// Carries a plan out, on whatever the name holds by then; what the name holds in the end, entries of others among them, is the result.
    /// </summary>
    /// <exception cref="FatManifestContendedException">Another writer wants something else of the same platform, and won.</exception>
    public async Task<FatManifest> ApplyAsync(UpdatePlan plan, CancellationToken cancel)
    {
        if (plan.Request.Template is { } template)
            return await DeriveAsync(plan, template, cancel).ConfigureAwait(false);
        await BringAsync(plan, cancel).ConfigureAwait(false);
        return Result(plan, await plan.Update.RunAsync(plan.Reading, cancel).ConfigureAwait(false));
    }

    // The tags of architectures are the truth. Whoever wrote looks at them once more: if one moved since, what was written may be stale, also where
    // another job wrote the new state meanwhile and this one took its place. So the last of all who write has seen that what it wrote is true.
    private async Task<FatManifest> DeriveAsync(UpdatePlan plan, TagTemplate template, CancellationToken cancel)
    {
        var start = _time.GetTimestamp();
        var (wrote, previous) = (false, plan.Previous);
        while (true)
        {
            await BringAsync(plan, cancel).ConfigureAwait(false);
            var done = await plan.Update.TryOnceAsync(plan.Reading, cancel).ConfigureAwait(false);
            if (done is { Wrote: true })
                (wrote, previous) = (true, done.Previous);
            var now = await _templates.SnapshotAsync(template, plan.Request.Platforms, cancel).ConfigureAwait(false);
            if (done is not null && now.SequenceEqual(plan.Request.Images))
                return Result(plan, done with { Wrote = wrote, Previous = previous });
            if (_time.GetElapsedTime(start) > _pace.Patience)
                throw new FatManifestContendedException($"{plan.Target}", $"the tags of {template} kept moving", done?.Index.Digest) { Subject = $"{plan.Target}" };
            sink.Verbose($"a tag of {template} moved, or {plan.Target} did; deriving it again");
            plan = await PlanAsync(plan.Request with { IfDigest = null }, cancel).ConfigureAwait(false);
        }
    }

    private Task BringAsync(UpdatePlan plan, CancellationToken cancel) => plan.IsNoOp
        ? Task.CompletedTask
        : new EntryMover(sink, throttleLimit).BringAsync(plan.Moves, stores.Open(plan.Target.Place), cancel);

    private static FatManifest Result(UpdatePlan plan, TagUpdateResult done) => FatManifest.Of(plan.Target, done.Index).With(plan.Images) with
    {
        PreviousDigest = done.Wrote ? done.Previous?.ToString() : $"{done.Index.Digest}",
        Status = !done.Wrote ? "Unchanged" : done.Previous is null ? "Created" : "Updated",
    };
}
