using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>
/// An archive of images, read without unpacking it: <c>oci-archive:</c> is a tar of an OCI image layout, as skopeo, podman and buildx write it
/// (image-spec: Image Layout); <c>docker-archive:</c> is what <c>docker save</c> writes and <c>docker load</c> reads.
/// </summary>
/// <remarks>
/// A tar cannot be changed in place: what is put waits in a hidden folder beside the file until a tag is put, which brings it into the archive,
/// written anew beside the old one and renamed. What no tag of the archive reaches any more is left out of the new one.
/// </remarks>
public sealed class ArchiveStore : IImageStore, IConditionalTags, IManyTags, IIntendedNames, IDisposable
{
    // Two writers in the time between two lines are a coincidence, three a fault.
    private const int Tries = 3;

    private readonly ArchiveWriter _writer;
    private readonly ArchiveStage _stage;
    private readonly SemaphoreSlim _opening = new(1);
    private readonly ImageReference? _repository;
    private readonly long _unpackedLimit;
    private ArchiveContent? _content;

    /// <param name="place">The file; its path is absolute.</param>
    /// <param name="repository">The name in a registry that images written here are meant for; null where there is none.</param>
    public ArchiveStore(ImageReference place, ImageReference? repository = null)
        : this(place, repository, OciLimits.UnpackedSize)
    {
    }

    internal ArchiveStore(ImageReference place, ImageReference? repository, long unpackedLimit)
    {
        if (place.Kind is not (ReferenceKind.OciArchive or ReferenceKind.DockerArchive) || !Path.IsPathFullyQualified(place.Path))
            throw new ArgumentException($"'{place}' is not an archive with an absolute path", nameof(place));
        Place = place.Place;
        _repository = repository?.Place;
        _unpackedLimit = unpackedLimit;
        _stage = new ArchiveStage(Place.Path);
        _writer = new ArchiveWriter(Place, _stage);
    }

    /// <inheritdoc/>
    public ImageReference Place { get; }

    /// <inheritdoc/>
    public bool HonorsCondition => true;

    /// <inheritdoc/>
    /// <exception cref="InvalidArchiveException">The file is no archive of its kind, damaged, or past a bound.</exception>
    /// <exception cref="AmbiguousTagException">Several images of the archive have the tag.</exception>
    public async Task<Descriptor?> ResolveAsync(string tagOrDigest, CancellationToken cancel)
    {
        var content = await OpenAsync(cancel).ConfigureAwait(false);
        if (!Digest.TryParse(tagOrDigest, out var digest))
            return content?.Index is { } index ? Plain(Only(index, tagOrDigest)) : null;
        if (content?.Find(digest) is not { } size)
            return _stage.Layout is { } layout ? await layout.ResolveAsync(tagOrDigest, cancel).ConfigureAwait(false) : null;
        return content.Index.Find(digest) is { } entry ? Plain(entry) : await DescribeAsync(new Descriptor("", digest, size), cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="BlobNotFoundException">The archive names the manifest but does not hold it.</exception>
    /// <exception cref="DigestMismatchException">The archive is damaged.</exception>
    /// <exception cref="InvalidArchiveException">The file is no archive of its kind, damaged, or past a bound.</exception>
    public async Task<Manifest> GetManifestAsync(string tagOrDigest, CancellationToken cancel)
    {
        var descriptor = await ResolveAsync(tagOrDigest, cancel).ConfigureAwait(false)
            ?? throw await NotFoundAsync(tagOrDigest, cancel).ConfigureAwait(false);
        if (descriptor.Size > OciLimits.ManifestSize)
            throw new InvalidImageException($"{Place.FullName}@{descriptor.Digest}", "is too large for a manifest");
        return new Manifest(descriptor.MediaType, await this.ReadBlobAsync(descriptor, cancel).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    /// <remarks>Without a tag, it waits for the next one that is put through this store.</remarks>
    /// <exception cref="LayoutBusyException">Another writer did not let go of the archive.</exception>
    /// <exception cref="FatManifestNotHeldException">The place is a <c>docker-archive:</c> and the document a fat manifest.</exception>
    public async Task PutManifestAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        await StageAsync(manifest, tags, cancel).ConfigureAwait(false);
        if (tags.Count > 0)
            await CommitAsync(new TagMove(manifest.ToDescriptor(), tags, _repository), cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="LayoutBusyException">Another writer did not let go of the archive.</exception>
    /// <exception cref="FatManifestNotHeldException">The place is a <c>docker-archive:</c> and the document a fat manifest.</exception>
    public async Task<IReadOnlyCollection<string>> PutManyTagsAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        await PutManifestAsync(manifest, tags, cancel).ConfigureAwait(false);
        return [.. tags];
    }

    /// <inheritdoc/>
    /// <exception cref="LayoutBusyException">Another writer did not let go of the archive.</exception>
    /// <exception cref="FatManifestNotHeldException">The place is a <c>docker-archive:</c> and the document a fat manifest.</exception>
    public async Task<bool> TryMoveTagAsync(string tag, Digest? expected, Manifest manifest, CancellationToken cancel)
    {
        await StageAsync(manifest, [tag], cancel).ConfigureAwait(false);
        var isAsExpected = false;
        await CommitAsync(
            new TagMove(manifest.ToDescriptor(), [tag], _repository) { Condition = index => isAsExpected = index.Find(tag)?.Digest == expected }, cancel)
            .ConfigureAwait(false);
        return isAsExpected;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidArchiveException">The file is no archive of its kind, damaged, or past a bound.</exception>
    public async Task<bool> HasBlobAsync(Digest digest, CancellationToken cancel) =>
        (await OpenAsync(cancel).ConfigureAwait(false))?.Find(digest) is not null || _stage.Find(digest) is not null;

    /// <inheritdoc/>
    /// <exception cref="InvalidArchiveException">The file is no archive of its kind, damaged, or past a bound.</exception>
    public async Task<Stream> OpenBlobAsync(Descriptor blob, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var content = await OpenAsync(cancel).ConfigureAwait(false);
            try
            {
                return content?.Find(blob.Digest) is not null ? Verified(content.Open(blob.Digest))
                    : _stage.Find(blob.Digest) is not null ? Verified(_stage.Open(blob.Digest))
                    : throw new BlobNotFoundException(Place.FullName, blob.Digest);
            }
            // A writer put another file there at this moment.
            catch (InvalidArchiveException) when (content is { IsCurrent: false } && attempt < Tries)
            {
            }
        }

        VerifyingStream Verified(Stream stream) => new(stream, blob, Place.FullName);
    }

    /// <inheritdoc/>
    /// <exception cref="DigestMismatchException">The source gave other content; nothing of it is kept.</exception>
    /// <exception cref="InvalidArchiveException">The file is no archive of its kind, damaged, or past a bound.</exception>
    public async Task<BlobTransfer> PutBlobAsync(Descriptor blob, BlobSource source, CancellationToken cancel)
    {
        if ((await OpenAsync(cancel).ConfigureAwait(false))?.Find(blob.Digest) != blob.Size)
            return await _stage.PutBlobAsync(blob, source, cancel).ConfigureAwait(false);
        _writer.Promise(blob.Digest);
        return BlobTransfer.Present;
    }

    /// <inheritdoc/>
    /// <exception cref="ManifestNotFoundException">There is no archive.</exception>
    /// <exception cref="InvalidArchiveException">The file is no archive of its kind, damaged, or past a bound.</exception>
    public async IAsyncEnumerable<string> ListTagsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var tag in (await RequireAsync(cancel).ConfigureAwait(false)).Index.Tags)
            yield return tag;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidArchiveException">The file is no archive of its kind, damaged, or past a bound.</exception>
    public async Task<ImageReference?> GetIntendedNameAsync(string tagOrDigest, CancellationToken cancel) =>
        (await OpenAsync(cancel).ConfigureAwait(false))?.Index.FindIntendedName(tagOrDigest);

    /// <inheritdoc/>
    /// <exception cref="ManifestNotFoundException">There is no archive.</exception>
    /// <exception cref="InvalidArchiveException">The file is no archive of its kind, damaged, or past a bound.</exception>
    public async IAsyncEnumerable<NamedImage> ListNamedAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var image in (await RequireAsync(cancel).ConfigureAwait(false)).Index.Names(Place))
            yield return image;
    }

    /// <summary>Removes what waited for a tag in vain, and closes the archive.</summary>
    public void Dispose()
    {
        _stage.Dispose();
        _writer.Dispose();
        _content?.Dispose();
        _opening.Dispose();
    }

    // An entry's annotations and platform are about the index's reference to the manifest, not about the manifest.
    private static Descriptor? Plain(Descriptor? entry) =>
        entry is null ? null : new(entry.MediaType, entry.Digest, entry.Size) { ArtifactType = entry.ArtifactType };

    private static string Title(NamedImage image) => image.IntendedName?.ToString() ?? image.Tag ?? image.Reference.TagOrDigest;

    private Descriptor? Only(LayoutIndex index, string tag)
    {
        var named = index.Names(Place).Where(image => image.Tag == tag).ToList();
        return named.DistinctBy(image => image.Reference).Count() > 1
            ? throw new AmbiguousTagException($"{Place.FullName}:{tag}", named.Select(Title), Place.FullName) { Subject = $"{Place.FullName}:{tag}" }
            : index.Find(tag);
    }

    // The images of a fat manifest have no entries of their own in the index: only the content tells what they are.
    private async Task<Descriptor?> DescribeAsync(Descriptor blob, CancellationToken cancel) => blob.Size > OciLimits.ManifestSize
        ? null
        : Manifest.TryRead(await this.ReadBlobAsync(blob, cancel).ConfigureAwait(false)) is { } manifest ? manifest.ToDescriptor() with { Digest = blob.Digest } : null;

    private async Task StageAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        // A file that is something else is refused before anything is written beside it.
        await OpenAsync(cancel).ConfigureAwait(false);
        if (tags.Count > 0 && Place.Kind == ReferenceKind.DockerArchive)
            LoadManifest.RequireOneImage(manifest, $"{Place.FullName}:{tags[0]}");
        await _stage.PutManifestAsync(manifest, cancel).ConfigureAwait(false);
        if (tags.Count == 0)
            _writer.Keep(manifest.ToDescriptor());
    }

    private Task CommitAsync(TagMove move, CancellationToken cancel) => _writer.CommitAsync(move, () => OpenAsync(cancel), cancel);

    // What another writer put there since is seen; one who reads meanwhile reads on in the old file.
    private async Task<ArchiveContent?> OpenAsync(CancellationToken cancel)
    {
        await _opening.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_content is not { IsCurrent: true })
                _content = await ArchiveContent.OpenAsync(Place, _unpackedLimit, cancel).ConfigureAwait(false);
            return _content;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<ArchiveContent> RequireAsync(CancellationToken cancel) => await OpenAsync(cancel).ConfigureAwait(false) ?? throw NoArchive();

    private async Task<ManifestNotFoundException> NotFoundAsync(string tagOrDigest, CancellationToken cancel)
    {
        if (await OpenAsync(cancel).ConfigureAwait(false) is not { } content)
            return NoArchive();
        var images = content.Index.Names(Place).Select(Title).ToList();
        var name = Digest.TryParse(tagOrDigest, out var digest) ? Place.WithDigest(digest).FullName : $"{Place.FullName}:{tagOrDigest}";
        return new ManifestNotFoundException(name, images.Count == 0 ? "the archive has no images" : $"the archive has {Several.Of(images)}");
    }

    private ManifestNotFoundException NoArchive() => new(Place.FullName, "there is no such file: check the path, or write an image to it first");
}
