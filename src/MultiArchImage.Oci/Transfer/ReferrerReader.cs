using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>A document that names a subject.</summary>
/// <param name="Subject">What it is about.</param>
/// <param name="Entry">How a list of referrers names it.</param>
/// <param name="Content">The document and what it refers to.</param>
internal sealed record LinkedReferrer(Digest Subject, Descriptor Entry, ContentTree Content);

/// <summary>A document that a tag says to be about another (cosign).</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Content">The document and what it refers to.</param>
internal sealed record TaggedReferrer(string Tag, ContentTree Content);

/// <summary>All that refers to some content.</summary>
internal sealed record ReferrerSet(IReadOnlyList<LinkedReferrer> Linked, IReadOnlyList<TaggedReferrer> Tagged)
{
    public static ReferrerSet Empty { get; } = new([], []);
}

/// <summary>Finds what refers to content, and what refers to that: a signature of an SBOM of an image.</summary>
internal sealed class ReferrerReader(IImageStore source, ContentReader contents)
{
    // A signature of an attestation of an SBOM is as deep as anybody goes.
    private const int MaximumDepth = 4;

    // Whoever may push to a repository may attach as much as he likes.
    private const int MaximumCount = 1000;

    private int _count;

    /// <exception cref="InvalidImageException">There are more, or they are nested deeper, than any tool would write.</exception>
    public async Task<ReferrerSet> ReadAsync(IEnumerable<Digest> subjects, CancellationToken cancel)
    {
        var (linked, tagged, seen) = (new List<LinkedReferrer>(), new List<TaggedReferrer>(), new HashSet<Digest>());
        List<Digest> wave = [.. subjects.Where(seen.Add)];
        for (var depth = 0; wave.Count > 0; depth++)
        {
            if (depth > MaximumDepth)
                throw new InvalidImageException($"{source.Place}@{wave[0].Short}", $"refers to what refers to others more than {MaximumDepth} deep");
            var found = await Task.WhenAll(wave.Select(subject => OfAsync(subject, cancel))).ConfigureAwait(false);
            linked.AddRange(found.SelectMany(set => set.Linked));
            tagged.AddRange(found.SelectMany(set => set.Tagged));
            wave = [.. found.SelectMany(set => set.Linked.Select(one => one.Content).Concat(set.Tagged.Select(one => one.Content)))
                .Select(content => content.Document.Digest).Where(seen.Add)];
        }
        return new ReferrerSet(linked, tagged);
    }

    private async Task<ReferrerSet> OfAsync(Digest subject, CancellationToken cancel)
    {
        var tagged = Task.WhenAll(ReferrersTag.CosignTags(subject).Select(tag => TaggedAsync(tag, cancel)));
        var entries = source is IReferrers place ? await place.ListReferrersAsync(subject, cancel).ConfigureAwait(false) : [];
        var linked = await Task.WhenAll(entries.Select(entry => LinkedAsync(subject, entry, cancel))).ConfigureAwait(false);
        return new ReferrerSet(linked, [.. (await tagged.ConfigureAwait(false)).OfType<TaggedReferrer>()]);
    }

    private async Task<LinkedReferrer> LinkedAsync(Digest subject, Descriptor entry, CancellationToken cancel)
    {
        Count(subject);
        return new LinkedReferrer(subject, entry, await contents.ReadAsync($"{entry.Digest}", cancel).ConfigureAwait(false));
    }

    // HEAD: nearly always the tag is not there.
    private async Task<TaggedReferrer?> TaggedAsync(string tag, CancellationToken cancel)
    {
        if (await source.ResolveAsync(tag, cancel).ConfigureAwait(false) is not { } held)
            return null;
        Count(held.Digest);
        return new TaggedReferrer(tag, await contents.ReadAsync($"{held.Digest}", cancel).ConfigureAwait(false));
    }

    private void Count(Digest digest)
    {
        if (Interlocked.Increment(ref _count) > MaximumCount)
            throw new InvalidImageException($"{source.Place}@{digest.Short}", $"is one of more than {MaximumCount} referrers");
    }
}
