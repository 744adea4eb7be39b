using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Building.Daemonless;

/// <summary>A layer that was packed: what a manifest says of it, its digest before compression, and the file that it is in.</summary>
internal sealed record PackedLayer(Descriptor Descriptor, Digest DiffId, string File);

/// <summary>
/// Packs entries into a layer, as a stream: memory does not grow with it. Equal entries give equal bytes, whatever order they came in.
/// </summary>
internal static class LayerWriter
{
    /// <summary>Packs a layer into a new file of a folder.</summary>
    /// <param name="entries">What the layer holds.</param>
    /// <param name="time">The time of entries without one of their own.</param>
    /// <param name="latest">What is later gets this time; null for no bound.</param>
    /// <param name="folder">Where the file is made.</param>
    /// <param name="cancel">Ends the work.</param>
    public static async Task<PackedLayer> PackAsync(
        IEnumerable<TreeEntry> entries, DateTimeOffset time, DateTimeOffset? latest, string folder, CancellationToken cancel)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        using var packedHash = SHA256.Create();
        using var plainHash = SHA256.Create();
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite);
        await using var closeFile = file.ConfigureAwait(false);
        // CryptoStream with a hash passes the bytes on as they are.
        var hashed = new CryptoStream(file, packedHash, CryptoStreamMode.Write, leaveOpen: true);
        await using (hashed.ConfigureAwait(false))
        {
            var gzip = new GZipStream(hashed, CompressionLevel.Optimal, leaveOpen: true);
            await using (gzip.ConfigureAwait(false))
            {
                var plain = new CryptoStream(gzip, plainHash, CryptoStreamMode.Write, leaveOpen: true);
                await using (plain.ConfigureAwait(false))
                    await WriteAsync(plain, entries, time, latest, cancel).ConfigureAwait(false);
            }
        }
        var descriptor = new Descriptor(MediaTypes.OciLayerGzip, Digest.FromHash("sha256", packedHash.Hash), file.Length);
        return new PackedLayer(descriptor, Digest.FromHash("sha256", plainHash.Hash), path);
    }

    private static async Task WriteAsync(
        Stream target, IEnumerable<TreeEntry> entries, DateTimeOffset time, DateTimeOffset? latest, CancellationToken cancel)
    {
        var tar = new TarWriter(target, TarEntryFormat.Gnu, leaveOpen: true);
        await using var closeTar = tar.ConfigureAwait(false);
        foreach (var entry in entries.OrderBy(entry => entry.Path, StringComparer.Ordinal))
        {
            var modified = entry.Modified ?? time;
            var header = ToHeader(entry, latest is { } bound && modified > bound ? bound : modified);
            // An empty file is not opened: it may be a pipe, which would wait for a writer.
            if (entry.Content is DiskContent { Length: > 0 } content)
                await WriteFileAsync(tar, header, content, cancel).ConfigureAwait(false);
            else
                await tar.WriteEntryAsync(header, cancel).ConfigureAwait(false);
        }
    }

    private static async Task WriteFileAsync(TarWriter tar, GnuTarEntry header, DiskContent content, CancellationToken cancel)
    {
        var data = OpenRead(content.Path);
        await using var closeData = data.ConfigureAwait(false);
        header.DataStream = data;
        await tar.WriteEntryAsync(header, cancel).ConfigureAwait(false);
    }

    // GNU's format, not PAX: the PAX headers of TarWriter carry the id of this process, so that no two runs would give the same bytes.
    // For the same reason the times of access and change stay empty, and seconds have no fraction.
    private static GnuTarEntry ToHeader(TreeEntry entry, DateTimeOffset modified)
    {
        var header = new GnuTarEntry(entry.Type, entry.IsFolder ? entry.Path + "/" : entry.Path)
        {
            Mode = entry.Mode,
            Uid = entry.Owner.User,
            Gid = entry.Owner.Group,
            ModificationTime = DateTimeOffset.FromUnixTimeSeconds(Math.Max(0, modified.ToUnixTimeSeconds())),
            AccessTime = default,
            ChangeTime = default,
        };
        if (entry.Type == TarEntryType.SymbolicLink)
            header.LinkName = entry.LinkTarget;
        return header;
    }

    private static FileStream OpenRead(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
}
