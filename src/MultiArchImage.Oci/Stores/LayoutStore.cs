using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores;

/// <summary>
/// An OCI image layout: a folder that skopeo, podman, buildx and containerd read and write too (image-spec: Image Layout). A tag is an entry
/// of <c>index.json</c> with the annotation <c>org.opencontainers.image.ref.name</c>. The folder is made by the first write.
/// </summary>
public sealed class LayoutStore : IImageStore, IConditionalTags, IManyTags, IDeletion, IIntendedNames, IBlobParts
{
    private const int CopyBufferSize = 128 * 1024;
    private readonly LayoutFolder _folder;
    private readonly LayoutDeletion _deletion;
    private readonly ImageReference? _repository;

    /// <param name="absolutePath">The folder.</param>
    /// <param name="repository">
    /// The name in a registry that images written here are meant for; entries carry it in <c>io.containerd.image.name</c>, which is where
    /// containerd and buildx look for it.
    /// </param>
    public LayoutStore(string absolutePath, ImageReference? repository = null)
        : this(absolutePath, repository, LayoutFolder.DefaultLockLimit)
    {
    }

    internal LayoutStore(string absolutePath, ImageReference? repository, TimeSpan lockLimit)
    {
        if (!Path.IsPathFullyQualified(absolutePath))
            throw new ArgumentException($"'{absolutePath}' is not an absolute path", nameof(absolutePath));
        Place = ImageReference.Parse($"oci:{Path.TrimEndingDirectorySeparator(absolutePath)}").Place;
        _folder = new LayoutFolder(Place.Path) { LockLimit = lockLimit };
        _deletion = new LayoutDeletion(_folder);
        _repository = repository?.Place;
    }

    /// <inheritdoc/>
    public ImageReference Place { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidLayoutException">The folder is no layout, or damaged.</exception>
    public async Task<ImageReference?> GetIntendedNameAsync(string tagOrDigest, CancellationToken cancel) =>
        (await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)).FindIntendedName(tagOrDigest);

    /// <inheritdoc/>
    /// <exception cref="ManifestNotFoundException">There is no layout.</exception>
    public async IAsyncEnumerable<NamedImage> ListNamedAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var image in (await RequireIndexAsync(cancel).ConfigureAwait(false)).Names(Place))
            yield return image;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidLayoutException">The folder is no layout, or damaged.</exception>
    public async Task<Descriptor?> ResolveAsync(string tagOrDigest, CancellationToken cancel)
    {
        var index = await _folder.ReadIndexAsync(cancel).ConfigureAwait(false);
        if (Digest.TryParse(tagOrDigest, out var digest))
            return HasFile(digest) ? index.Find(digest) is { } known ? Plain(known) : await DescribeAsync(digest, cancel).ConfigureAwait(false) : null;
        return index.Find(tagOrDigest) is { } entry ? Plain(entry) : null;
    }

    /// <inheritdoc/>
    /// <exception cref="BlobNotFoundException">The layout names the manifest but does not hold it.</exception>
    /// <exception cref="DigestMismatchException">The file is damaged.</exception>
    public async Task<Manifest> GetManifestAsync(string tagOrDigest, CancellationToken cancel)
    {
        var descriptor = await ResolveAsync(tagOrDigest, cancel).ConfigureAwait(false)
            ?? throw await NotFoundAsync(tagOrDigest, cancel).ConfigureAwait(false);
        return new Manifest(descriptor.MediaType, await ReadAsync(descriptor.Digest, cancel).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    /// <exception cref="LayoutBusyException">Another writer did not let go of <c>index.json</c>.</exception>
    public async Task PutManifestAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        var descriptor = manifest.ToDescriptor();
        await PutBlobAsync(descriptor, BlobSource.FromBytes(manifest.Bytes), cancel).ConfigureAwait(false);
        if (tags.Count > 0)
        {
            await _folder.ChangeIndexAsync(
                index => tags.Aggregate(false, (changed, tag) => index.SetTag(tag, descriptor, _repository?.WithTag(tag).FullName) || changed),
                cancel).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="LayoutBusyException">Another writer did not let go of <c>index.json</c>.</exception>
    public async Task<IReadOnlyCollection<string>> PutManyTagsAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        await PutManifestAsync(manifest, tags, cancel).ConfigureAwait(false);
        return [.. tags];
    }

    /// <inheritdoc/>
    public bool HonorsCondition => true;

    /// <inheritdoc/>
    /// <exception cref="LayoutBusyException">Another writer did not let go of <c>index.json</c>.</exception>
    public async Task<bool> TryMoveTagAsync(string tag, Digest? expected, Manifest manifest, CancellationToken cancel)
    {
        var descriptor = manifest.ToDescriptor();
        await PutBlobAsync(descriptor, BlobSource.FromBytes(manifest.Bytes), cancel).ConfigureAwait(false);
        var isAsExpected = false;
        await _folder.ChangeIndexAsync(
            index => (isAsExpected = index.Find(tag)?.Digest == expected) && index.SetTag(tag, descriptor, _repository?.WithTag(tag).FullName),
            cancel).ConfigureAwait(false);
        return isAsExpected;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HeldTag>> ReadTagsAsync(CancellationToken cancel) =>
        [.. (await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)).Entries];

    /// <inheritdoc/>
    /// <exception cref="LayoutBusyException">Another writer did not let go of <c>index.json</c>.</exception>
    public Task<bool> DeleteTagAsync(string tag, CancellationToken cancel) => _deletion.DeleteTagAsync(tag, cancel);

    /// <inheritdoc/>
    /// <exception cref="LayoutBusyException">Another writer did not let go of <c>index.json</c>.</exception>
    public async Task<bool> DeleteManifestAsync(Digest digest, CancellationToken cancel) =>
        await ResolveAsync($"{digest}", cancel).ConfigureAwait(false) is { } manifest
        && await _deletion.DeleteManifestAsync(manifest, cancel).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<bool> HasBlobAsync(Digest digest, CancellationToken cancel) => Task.FromResult(HasFile(digest));

    /// <inheritdoc/>
    public Task<Stream> OpenBlobAsync(Descriptor blob, CancellationToken cancel) =>
        Opened(blob, file => new VerifyingStream(file, blob, Place.FullName));

    /// <inheritdoc/>
    Task<Stream> IBlobParts.OpenPartAsync(Descriptor blob, long offset, CancellationToken cancel) => Opened(blob, file =>
    {
        if (file.Length != blob.Size)
            throw new DigestMismatchException(Place.FullName, blob.Digest, $"{file.Length} bytes instead of {blob.Size}") { Subject = Place.FullName };
        file.Position = offset;
        return file;
    });

    /// <inheritdoc/>
    /// <exception cref="DigestMismatchException">The source gave other content; nothing of it is kept.</exception>
    public async Task<BlobTransfer> PutBlobAsync(Descriptor blob, BlobSource source, CancellationToken cancel)
    {
        await _folder.PrepareAsync(cancel).ConfigureAwait(false);
        // A file of another length is a damaged one, which this mends.
        var path = _folder.BlobPath(blob.Digest);
        if (new FileInfo(path) is { Exists: true } file && file.Length == blob.Size)
            return BlobTransfer.Present;
        var content = await source.OpenAsync(cancel).ConfigureAwait(false);
        var verified = new VerifyingStream(content, blob, source.Place?.FullName ?? "the source");
        await using (verified.ConfigureAwait(false))
            await _folder.WriteAsync(path, target => verified.CopyToAsync(target, CopyBufferSize, cancel), cancel).ConfigureAwait(false);
        return BlobTransfer.Sent;
    }

    /// <inheritdoc/>
    /// <exception cref="ManifestNotFoundException">There is no layout.</exception>
    public async IAsyncEnumerable<string> ListTagsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var tag in (await RequireIndexAsync(cancel).ConfigureAwait(false)).Tags)
            yield return tag;
    }

    /// <summary>The file of a blob; null where it is not there.</summary>
    internal FileInfo? FindBlob(Digest digest) => new FileInfo(_folder.BlobPath(digest)) is { Exists: true } file ? file : null;

    private Task<Stream> Opened(Descriptor blob, Func<FileStream, Stream> read)
    {
        FileStream? file = null;
        try
        {
            file = LayoutFolder.OpenRead(_folder.BlobPath(blob.Digest));
            return Task.FromResult(read(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromException<Stream>(new BlobNotFoundException(Place.FullName, blob.Digest));
        }
        catch (ImageException e)
        {
            file?.Dispose();
            return Task.FromException<Stream>(e);
        }
    }

    // An entry's annotations and platform are about the layout's reference to the manifest, not about the manifest.
    private static Descriptor Plain(Descriptor entry) => new(entry.MediaType, entry.Digest, entry.Size) { ArtifactType = entry.ArtifactType };

    private async Task<LayoutIndex> RequireIndexAsync(CancellationToken cancel) => await _folder.ExistsAsync(cancel).ConfigureAwait(false)
        ? await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)
        : throw NoLayout();

    private bool HasFile(Digest digest) => FindBlob(digest) is not null;

    // The images of a fat manifest have no entries of their own in index.json: only the file tells what they are.
    private async Task<Descriptor?> DescribeAsync(Digest digest, CancellationToken cancel)
    {
        if (new FileInfo(_folder.BlobPath(digest)).Length > OciLimits.ManifestSize)
            return null;
        var bytes = await ReadAsync(digest, cancel).ConfigureAwait(false);
        return Manifest.TryRead(bytes) is { } manifest ? manifest.ToDescriptor() with { Digest = digest } : null;
    }

    private async Task<byte[]> ReadAsync(Digest digest, CancellationToken cancel)
    {
        byte[] bytes;
        try
        {
            bytes = await LayoutFolder.ReadWholeAsync(_folder.BlobPath(digest), OciLimits.ManifestSize, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobNotFoundException(Place.FullName, digest);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidImageException($"{Place.FullName}@{digest}", $"is a manifest of more than {OciLimits.ManifestSize} bytes, which are refused", e);
        }
        return digest.Matches(bytes)
            ? bytes
            : throw new DigestMismatchException(Place.FullName, digest, $"{bytes.Length} bytes of {Digest.Of(bytes)}");
    }

    private async Task<ManifestNotFoundException> NotFoundAsync(string tagOrDigest, CancellationToken cancel)
    {
        if (!await _folder.ExistsAsync(cancel).ConfigureAwait(false))
            return NoLayout();
        var tags = (await _folder.ReadIndexAsync(cancel).ConfigureAwait(false)).Tags.ToList();
        var name = Digest.TryParse(tagOrDigest, out var digest) ? Place.WithDigest(digest).FullName : $"{Place.FullName}:{tagOrDigest}";
        return new ManifestNotFoundException(name, tags.Count == 0 ? "the layout has no tags" : $"the layout has the tags {Several.Of(tags)}");
    }

    private ManifestNotFoundException NoLayout() => new(Place.FullName, "there is no layout in that folder yet: check the path, or write an image to it first");
}
