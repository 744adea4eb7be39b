using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>What is about the content of a copy and is not at a place yet.</summary>
/// <param name="Store">The place.</param>
/// <param name="Missing">What has to be brought there.</param>
public sealed record ReferrerMove(IImageStore Store, IReadOnlyList<Referrer> Missing)
{
    /// <summary>Looks at what the place has; what it has of its own stays.</summary>
    /// <param name="store">The place.</param>
    /// <param name="referrers">What is to be there.</param>
    /// <param name="noClobber">Whether a tag of cosign that holds something else is an error.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="NameTakenException">A tag of cosign holds something else.</exception>
    internal static async Task<ReferrerMove> ForAsync(IImageStore store, IReadOnlyList<Referrer> referrers, bool noClobber, CancellationToken cancel)
    {
        var tagged = await Task.WhenAll(referrers.Where(referrer => referrer.Tag is not null)
            .Select(referrer => MissingByTagAsync(store, referrer, noClobber, cancel))).ConfigureAwait(false);
        var listed = await Task.WhenAll(referrers.Where(referrer => referrer.Tag is null).GroupBy(referrer => referrer.Subject)
            .Select(subject => MissingInListAsync(store, subject.Key, [.. subject], cancel))).ConfigureAwait(false);
        return new ReferrerMove(store, [.. tagged.OfType<Referrer>(), .. listed.SelectMany(missing => missing)]);
    }

    private static async Task<Referrer?> MissingByTagAsync(IImageStore store, Referrer referrer, bool noClobber, CancellationToken cancel)
    {
        var held = await OrNothingAsync(() => store.ResolveAsync(referrer.Tag!, cancel)).ConfigureAwait(false);
        if (held?.Digest == referrer.Entry.Digest)
            return null;
        var name = store.Place.WithTag(referrer.Tag!);
        return held is null || !noClobber ? referrer : throw new NameTakenException($"{name}", held.Digest) { Subject = $"{name}" };
    }

    private static async Task<IReadOnlyList<Referrer>> MissingInListAsync(
        IImageStore store, Digest subject, IReadOnlyList<Referrer> referrers, CancellationToken cancel)
    {
        var present = await OrNothingAsync(() => ReferrerTag.ListAnywhereAsync(store, subject, cancel)).ConfigureAwait(false) ?? [];
        return [.. referrers.ExceptBy(present.Select(entry => entry.Digest), referrer => referrer.Entry.Digest)];
    }

    // A place that is not there yet holds nothing.
    private static async Task<T?> OrNothingAsync<T>(Func<Task<T?>> look)
        where T : class
    {
        try
        {
            return await look().ConfigureAwait(false);
        }
        catch (ImageException e) when (e.Kind == FailureKind.NotFound)
        {
            return null;
        }
    }
}
