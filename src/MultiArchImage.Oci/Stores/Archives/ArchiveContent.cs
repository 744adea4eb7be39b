using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>An archive as an image layout: the index, and the blobs by their digests. Read once; the blobs stay where they are.</summary>
internal sealed class ArchiveContent : IDisposable
{
    private const string BlobFolder = "blobs/";

    private readonly ArchiveFile _file;
    private readonly IReadOnlyDictionary<Digest, ArchiveBlob> _blobs;

    /// <param name="file">The archive, which is closed with this.</param>
    /// <param name="index">What it holds under which tag.</param>
    /// <param name="blobs">Documents, configs and layers.</param>
    public ArchiveContent(ArchiveFile file, LayoutIndex index, IReadOnlyDictionary<Digest, ArchiveBlob> blobs) =>
        (_file, Index, _blobs) = (file, index, blobs);

    /// <summary>What the archive holds under which tag. Not to be changed.</summary>
    public LayoutIndex Index { get; }

    /// <summary>Whether the file is still the one that was read.</summary>
    public bool IsCurrent => _file.IsCurrent;

    /// <summary>Reads what an archive holds; null where there is no such file.</summary>
    /// <exception cref="InvalidArchiveException">The file is no archive of that kind, damaged, or past a bound.</exception>
    public static async Task<ArchiveContent?> OpenAsync(ImageReference place, long unpackedLimit, CancellationToken cancel)
    {
        var file = await ArchiveFile.OpenAsync(place.Path, unpackedLimit, cancel).ConfigureAwait(false);
        if (file is null)
            return null;
        try
        {
            var content = await ReadAsync(place, file, cancel).ConfigureAwait(false);
            file.EndReading();
            return content;
        }
        catch (InvalidImageException e)
        {
            file.Dispose();
            throw new InvalidArchiveException(place.Path, e.Message, TarIndex.Remedy, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The name of a blob's file: image-spec: Image Layout, blobs.</summary>
    public static string BlobName(Digest digest) => $"{BlobFolder}{digest.Algorithm}/{digest.Hex}";

    /// <summary>Bytes of a blob; null where it is not there.</summary>
    public long? Find(Digest digest) => _blobs.GetValueOrDefault(digest)?.Length;

    /// <summary>The content of a blob that is there, not verified.</summary>
    /// <exception cref="InvalidArchiveException">The file was changed since it was read.</exception>
    public Stream Open(Digest digest) =>
        _blobs[digest] is { Entry: { } entry } ? _file.Open(entry) : new MemoryStream(_blobs[digest].Document.ToArray(), writable: false);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // Engines that store content as it came (containerd) and those since 25 save a layout and the older manifest.json in one tar: the layout
    // has the digests that a registry knows.
    private static async Task<ArchiveContent> ReadAsync(ImageReference place, ArchiveFile file, CancellationToken cancel)
    {
        var tar = await file.ReadIndexAsync(cancel).ConfigureAwait(false);
        var isLayout = tar.Find(LayoutFolder.MarkName) is not null;
        var isSaved = tar.Find(DockerSave.ManifestName) is not null;
        return (place.Kind, isLayout, isSaved) switch
        {
            (ReferenceKind.OciArchive, true, _) or (ReferenceKind.DockerArchive, true, true) =>
                await ReadLayoutAsync(place, file, tar, cancel).ConfigureAwait(false),
            (ReferenceKind.DockerArchive, false, true) => await DockerSave.ReadAsync(place.Path, file, tar, cancel).ConfigureAwait(false),
            (ReferenceKind.OciArchive, _, true) => throw new InvalidArchiveException(
                place.Path, $"it has no {LayoutFolder.MarkName}, but a {DockerSave.ManifestName}, as docker save writes it", $"use docker-archive:{place.Path}"),
            (ReferenceKind.DockerArchive, true, _) => throw new InvalidArchiveException(
                place.Path, $"it has no {DockerSave.ManifestName}, but is an OCI image layout", $"use oci-archive:{place.Path}"),
            _ => throw new InvalidArchiveException(
                place.Path, $"it has neither {LayoutFolder.MarkName} nor {DockerSave.ManifestName}", "give what docker save, skopeo, podman or buildx wrote"),
        };
    }

    private static async Task<ArchiveContent> ReadLayoutAsync(ImageReference place, ArchiveFile file, TarIndex tar, CancellationToken cancel)
    {
        var mark = await ReadAsync(LayoutFolder.MarkName, OciLimits.ManifestSize).ConfigureAwait(false);
        var version = LayoutFolder.VersionOf(Json.ParseObject(mark, LayoutFolder.MarkName));
        if (!LayoutFolder.IsKnownVersion(version))
            throw new InvalidArchiveException(place.Path, $"its {LayoutFolder.MarkName} file states the version '{version}'", "only version 1 is known");
        var index = await ReadAsync(LayoutFolder.IndexName, OciLimits.IndexSize).ConfigureAwait(false);
        return new ArchiveContent(file, new LayoutIndex(Json.ParseObject(index, LayoutFolder.IndexName), LayoutFolder.IndexName), BlobsOf(tar));

        Task<byte[]> ReadAsync(string name, int limit) => file.ReadWholeAsync(tar.Require(name), name, limit, cancel);
    }

    private static Dictionary<Digest, ArchiveBlob> BlobsOf(TarIndex tar)
    {
        var blobs = new Dictionary<Digest, ArchiveBlob>();
        foreach (var (name, entry) in tar.Files)
        {
            // blobs/<algorithm>/<encoded>: image-spec: Image Layout.
            if (name.StartsWith(BlobFolder, StringComparison.Ordinal) && Digest.TryParse(name[BlobFolder.Length..].Replace('/', ':'), out var digest))
                blobs[digest] = new ArchiveBlob(entry);
        }
        return blobs;
    }
}
