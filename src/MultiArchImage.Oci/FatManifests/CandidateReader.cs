using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>
/// Looks at the images that are to be joined, asking no more than is not known: nothing for an image that this process pushed, a HEAD for one that
/// another job described, manifest and config for a bare name.
/// </summary>
internal sealed class CandidateReader(ImageStores stores, CandidateOptions options)
{
    /// <summary>The images of a source: one, or those of an index.</summary>
    /// <exception cref="ManifestNotFoundException">The source, or an entry of its index, is not there.</exception>
    /// <exception cref="PlatformMismatchException">The name says another architecture than the config.</exception>
    public async Task<IReadOnlyList<Candidate>> ReadAsync(JoinSource source, CancellationToken cancel)
    {
        var store = stores.Open(source.Reference.Place);
        var candidates = source.Known is { } known && MediaTypes.IsImageManifest(known.MediaType)
            ? [await ReadKnownAsync(source, known, store, cancel).ConfigureAwait(false)]
            : await ReadUnknownAsync(source, store, cancel).ConfigureAwait(false);
        // The name of one image makes a promise; the name of an index of several cannot be about one of them.
        if (candidates is [var only] && !ArchitectureMark.IsTruthful(source.Reference, only.Platform, out var claimed))
            Mismatch($"{source.Reference}", claimed!, only.Platform);
        return candidates;
    }

    private async Task<Candidate> ReadKnownAsync(JoinSource source, Descriptor known, IImageStore store, CancellationToken cancel)
    {
        var entry = known with { Platform = Stated(source.Reference, known.Digest, known.Platform!) };
        if (options.NeedsContent)
        {
            var manifest = await store.GetManifestAsync($"{known.Digest}", cancel).ConfigureAwait(false);
            return await CandidateAsync(source.Reference, manifest, _ => entry, store, cancel).ConfigureAwait(false);
        }
        if (!source.WasSeen && await store.ResolveAsync($"{known.Digest}", cancel).ConfigureAwait(false) is null)
            throw NotFound(source.Reference);
        return new Candidate(source.Reference, store, entry, []) { Facts = source.Facts };
    }

    private async Task<IReadOnlyList<Candidate>> ReadUnknownAsync(JoinSource source, IImageStore store, CancellationToken cancel)
    {
        var reference = source.Reference;
        var manifest = await store.GetManifestAsync(reference.TagOrDigest, cancel).ConfigureAwait(false);
        return manifest.IsIndex
            ? await FlattenAsync(reference, ImageIndex.Parse(manifest), source.Picked is { } own ? [own] : options.Picked, store, cancel).ConfigureAwait(false)
            : [await ReadImageAsync(reference, manifest, null, store, cancel).ConfigureAwait(false)];
    }

    private async Task<IReadOnlyList<Candidate>> FlattenAsync(
        ImageReference reference, ImageIndex index, IReadOnlyList<Platform> platforms, IImageStore store, CancellationToken cancel)
    {
        var attestations = index.Entries.Where(entry => entry.IsAttestation && !options.LeavesAttestationsOut).ToLookup(entry => entry.AttestedDigest);
        var picked = Picked(index, platforms);
        if (picked.Count == 0 && index.Images.Any())
        {
            throw new NoImageForPlatformException(
                $"{reference}", string.Join(", ", platforms), [.. index.Images.Select(entry => $"{entry.Platform}")]) { Subject = $"{reference}" };
        }
        return await Task.WhenAll(picked.Select(ReadEntryAsync)).ConfigureAwait(false);

        async Task<Candidate> ReadEntryAsync(Descriptor entry)
        {
            var following = attestations[entry.Digest].ToList();
            var present = Task.WhenAll(following.Select(attestation => RequireAsync(reference, attestation, store, cancel)));
            var child = await store.GetManifestAsync($"{entry.Digest}", cancel).ConfigureAwait(false);
            if (child.IsIndex)
                throw new InvalidImageException($"{reference}", $"has the index {entry.Digest.Short} as an entry, whose images belong to no platform of it; join them by their own names");
            var image = await ReadImageAsync(reference, child, entry, store, cancel).ConfigureAwait(false);
            await present.ConfigureAwait(false);
            return image with { Attestations = following };
        }
    }

    private static List<Descriptor> Picked(ImageIndex index, IReadOnlyList<Platform> platforms) =>
        [.. index.Images.DistinctBy(entry => (entry.Digest, entry.Platform))
            .Where(entry => platforms.Count == 0 || platforms.Any(platform => entry.Platform?.IsSameMachineAs(platform) == true))];

    // An entry of an index keeps what the index says of it: its annotations, and a variant that the config leaves out. What can be seen of its
    // manifest is taken from there: an engine refuses to pull an entry whose size is not true.
    private Task<Candidate> ReadImageAsync(
        ImageReference reference, Manifest manifest, Descriptor? entry, IImageStore store, CancellationToken cancel) =>
        CandidateAsync(reference, manifest, config => Describe(reference, manifest, entry, config.Platform), store, cancel);

    private static async Task<Candidate> CandidateAsync(
        ImageReference reference, Manifest manifest, Func<ImageConfig, Descriptor> describe, IImageStore store, CancellationToken cancel)
    {
        var image = ImageManifest.Parse(manifest, $"{reference.Place}@{manifest.Digest.Short}");
        var config = await store.ReadConfigAsync(image, cancel).ConfigureAwait(false);
        return new Candidate(reference, store, describe(config), []) { Content = new ImageContent(image, config) };
    }

    private Descriptor Describe(ImageReference reference, Manifest manifest, Descriptor? entry, Platform actual)
    {
        var declared = entry?.Platform;
        if (declared?.IsTrueOf(actual) == false)
            Mismatch($"{reference.Place}@{manifest.Digest.Short}", $"{declared}", actual);
        return (entry ?? manifest.ToDescriptor()) with
        {
            MediaType = manifest.MediaType,
            Size = manifest.Bytes.Length,
            Platform = Stated(reference, manifest.Digest, declared ?? actual),
        };
    }

    // What the user states has precedence, but he may not make an image another machine's without saying that he means it.
    private Platform Stated(ImageReference reference, Digest digest, Platform actual)
    {
        if (options.Platforms.Find(reference, digest) is not { } stated)
            return actual;
        if (stated.Os != actual.Os || stated.Architecture != actual.Architecture)
        {
            Mismatch($"{reference}", $"{stated}", actual);
            return stated;
        }
        return Platform.Create(
            stated.Os, stated.Architecture, stated.Variant, stated.OsVersion ?? actual.OsVersion,
            stated.OsFeatures.Count > 0 ? stated.OsFeatures : actual.OsFeatures);
    }

    private void Mismatch(string reference, string claimed, Platform actual)
    {
        if (!options.AllowsMismatch)
            throw new PlatformMismatchException(reference, claimed, $"{actual}") { Subject = reference };
    }

    private static async Task RequireAsync(ImageReference reference, Descriptor entry, IImageStore store, CancellationToken cancel)
    {
        if (await store.ResolveAsync($"{entry.Digest}", cancel).ConfigureAwait(false) is null)
            throw NotFound(reference.Place.WithDigest(entry.Digest));
    }

    private static ManifestNotFoundException NotFound(ImageReference reference) =>
        new($"{reference}", "publish the image again, then run this again") { Subject = $"{reference}" };
}
