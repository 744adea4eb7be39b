using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests.Updating;

/// <summary>
/// Brings an <see cref="IndexEdit"/> into what a tag holds, while any number of other writers do the same, so that no edit is lost.
/// </summary>
/// <remarks>
/// A layout moves a tag under its lock, only from what was read: there it is exact. A registry takes the last PUT, whatever it was made from, so
/// a writer that read before us and writes after us takes our edit away without knowing. Hence the protocol: read, merge, write, and then look
/// until the tag held <em>one and the same document with our edit</em> for a time T. Why that is enough: every writer writes within T of its
/// read. Whoever writes after our last look therefore read after our last look less T, when the tag held our edit, and an edit keeps what it
/// does not touch. If the tag holds another document on a look, a wait begins anew: with that document where our edit is in it, with a merge and
/// a write where it is not. The looks come at random times, so that those who lost one round do not lose the next together.
/// <para>Its limits: T is a promise. It is kept by reading again where the write would begin late (<see cref="UpdatePace.Freshness"/>), and by
/// making T longer where this writer's own rounds are slow; it breaks where a write hangs in the network or the registry for longer than T and
/// takes effect then, and with writers that are no <c>Update-FatManifest</c>. <c>If-Match</c> is sent with each write; a registry that honours
/// it makes the broken case a refused one.</para>
/// </remarks>
internal sealed class TagUpdate(ImageReference name, IImageStore store, IndexEdit edit, Digest? ifDigest, IActivitySink sink)
{
    private readonly HashSet<(string, string)> _replaced = [];
    private TimeSpan _slowest = TimeSpan.Zero;
    private bool _ignoresCondition;
    private bool _wrote;
    private Digest? _previous;

    /// <summary>The times.</summary>
    public UpdatePace Pace { get; init; } = new();

    /// <summary>The clock that waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The chance in waits.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>What the tag holds.</summary>
    /// <exception cref="NotFatManifestException">It holds a single image.</exception>
    /// <exception cref="TagChangedException">It does not hold what it must.</exception>
    public async Task<TagReading> ReadAsync(CancellationToken cancel)
    {
        var begun = Time.GetTimestamp();
        var index = await ReadIndexAsync(cancel).ConfigureAwait(false);
        // Once we wrote, it is the merge that finds out whether ours stands.
        return _wrote || ifDigest is null || index?.Digest == ifDigest
            ? new TagReading(index, begun, Time.GetTimestamp())
            : throw new TagChangedException(
                $"{name}", ifDigest, index?.Digest, "look at what it holds now, and run this again with that digest or without -IfDigest") { Subject = $"{name}" };
    }

    /// <summary>Makes the edit, from what was read before the user was asked.</summary>
    /// <exception cref="FatManifestContendedException">Another writer wants something else at the same place.</exception>
    public async Task<TagUpdateResult> RunAsync(TagReading reading, CancellationToken cancel)
    {
        var start = Time.GetTimestamp();
        for (var round = 1; ; round++)
        {
            if (round > 1 || IsStale(reading))
                reading = await ReadAsync(cancel).ConfigureAwait(false);
            var next = edit.Apply(reading.Index);
            var isThere = ReferenceEquals(next, reading.Index);
            if (!isThere)
            {
                RequireUncontested(reading.Index, next);
                if (round > 1 && IsOver(start))
                    throw Contended("others kept changing it", reading.Index);
                if (!await TryWriteAsync(reading, next, cancel).ConfigureAwait(false))
                {
                    await PauseAsync(round, cancel).ConfigureAwait(false);
                    continue;
                }
            }
            if (await IsSettledAsync(next, cancel).ConfigureAwait(false) || (isThere && IsOver(start)))
                return new TagUpdateResult(next, _previous, _wrote);
            sink.Verbose($"{name} was changed by another writer; looking again ({round})");
        }
    }

    /// <summary>Makes the edit once, for whoever finds out by other means whether it must be made again; null where another writer was first.</summary>
    public async Task<TagUpdateResult?> TryOnceAsync(TagReading reading, CancellationToken cancel)
    {
        if (IsStale(reading))
            reading = await ReadAsync(cancel).ConfigureAwait(false);
        var next = edit.Apply(reading.Index);
        return ReferenceEquals(next, reading.Index) ? new TagUpdateResult(next, null, false)
            : await TryWriteAsync(reading, next, cancel).ConfigureAwait(false) ? new TagUpdateResult(next, _previous, true)
            : null;
    }

    private async Task<bool> IsSettledAsync(ImageIndex index, CancellationToken cancel) =>
        !_wrote || IsExact || await StandsAsync(index, cancel).ConfigureAwait(false);

    // Whether the tag holds the document for so long that whoever read before it was there has written.
    private async Task<bool> StandsAsync(ImageIndex index, CancellationToken cancel)
    {
        var settle = Settle;
        var first = settle * (0.1 + (0.7 * Random.NextDouble()));
        foreach (var pause in new[] { first, settle - first })
        {
            await Task.Delay(pause, Time, cancel).ConfigureAwait(false);
            if ((await store.ResolveAsync(name.TagOrDigest, cancel).ConfigureAwait(false))?.Digest != index.Digest)
                return false;
        }
        return true;
    }

    private async Task<bool> TryWriteAsync(TagReading reading, ImageIndex next, CancellationToken cancel)
    {
        if (IsStale(reading))
            return false;
        using var limit = new CancellationTokenSource(Pace.WriteLimit, Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        foreach (var touched in edit.Touched(reading.Index))
            _replaced.Add(touched);
        try
        {
            var moved = await MoveAsync(reading.Index?.Digest, next.Document, both.Token).ConfigureAwait(false);
            if (moved)
                (_wrote, _previous) = (true, reading.Index?.Digest);
            return moved;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            // It may have taken effect, or may still.
            (_wrote, _previous) = (true, reading.Index?.Digest);
            return false;
        }
        finally
        {
            var took = Time.GetElapsedTime(reading.Begun);
            _slowest = took > _slowest ? took : _slowest;
        }
    }

    private async Task<bool> MoveAsync(Digest? expected, Manifest document, CancellationToken cancel)
    {
        var tag = name.TagOrDigest;
        if (store is IConditionalTags tags && !_ignoresCondition)
        {
            if (await tags.TryMoveTagAsync(tag, expected, document, cancel).ConfigureAwait(false))
                return true;
            // Refused although nothing changed: the registry compares with something else than digests.
            _ignoresCondition = !tags.HonorsCondition
                && (await store.ResolveAsync(tag, cancel).ConfigureAwait(false))?.Digest == expected;
            return false;
        }
        await store.PutManifestAsync(document, [tag], cancel).ConfigureAwait(false);
        return true;
    }

    // What stands in our place is neither what we want nor what we found there: another writer wants it otherwise, and both would go on for ever.
    private void RequireUncontested(ImageIndex? standing, ImageIndex next)
    {
        if (!_wrote || IsExact)
            return;
        var wanted = edit.Touched(next).ToHashSet();
        // Nothing at all stands there where the other writer read before there was anything: that is an edit lost, not another will.
        var contested = edit.Touched(standing)
            .Where(touched => touched.Value.Length > 0 && !wanted.Contains(touched) && !_replaced.Contains(touched)).ToList();
        if (contested.Count > 0)
            throw Contended(string.Join(", ", contested.Select(touched => $"{touched.Touched} is {touched.Value}")), standing);
        if (ifDigest is not null && standing?.Digest != ifDigest)
            throw Contended($"its document took the place of the one made from {ifDigest.Short}", standing);
    }

    private FatManifestContendedException Contended(string reason, ImageIndex? standing) =>
        new($"{name}", reason, standing?.Digest) { Subject = $"{name}" };

    private async Task<ImageIndex?> ReadIndexAsync(CancellationToken cancel)
    {
        try
        {
            var document = await store.GetManifestAsync(name.TagOrDigest, cancel).ConfigureAwait(false);
            return document.IsIndex ? ImageIndex.Parse(document) : throw new NotFatManifestException($"{name}") { Subject = $"{name}" };
        }
        catch (Exception e) when (e is ManifestNotFoundException or RepositoryNotFoundException)
        {
            return null;
        }
    }

    private bool IsExact => store is IConditionalTags { HonorsCondition: true };

    private TimeSpan Settle => TimeSpan.FromTicks(Math.Max(Pace.Settle.Ticks, _slowest.Ticks * Pace.SlowestRounds));

    // Where a tag moves only from what was read, what was read may be as old as it likes.
    private bool IsStale(TagReading reading) => !IsExact && Time.GetElapsedTime(reading.Ended) > Pace.Freshness;

    private bool IsOver(long start) => Time.GetElapsedTime(start) > Pace.Patience;

    // Refused, not overtaken: the next try may come at once, but not for all at the same moment.
    private Task PauseAsync(int round, CancellationToken cancel) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.NextDouble() * (10 << Math.Min(round, 7))), Time, cancel);
}

/// <summary>What a tag held at a time.</summary>
/// <param name="Index">The index; null for nothing.</param>
/// <param name="Begun">When the reading began, as the clock counts.</param>
/// <param name="Ended">When it was done.</param>
internal sealed record TagReading(ImageIndex? Index, long Begun, long Ended);

/// <summary>What an update came to.</summary>
/// <param name="Index">What the tag holds.</param>
/// <param name="Previous">What the last write of this update took the place of; null for nothing.</param>
/// <param name="Wrote">Whether anything was sent.</param>
internal sealed record TagUpdateResult(ImageIndex Index, Digest? Previous, bool Wrote);
