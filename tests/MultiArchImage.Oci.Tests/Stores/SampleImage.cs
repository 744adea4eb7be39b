using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Tests.Stores;

/// <summary>A small real image: a config and one layer with one file.</summary>
internal sealed class SampleImage
{
    private readonly byte[] _layer;
    private readonly byte[] _config;

    public SampleImage(string content, string architecture = "amd64", string? variant = null)
    {
        Platform = $"linux/{architecture}{(variant is null ? "" : $"/{variant}")}";
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "answer")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(tar.ToArray());
        _layer = packed.ToArray();
        var diffId = Convert.ToHexStringLower(SHA256.HashData(tar.ToArray()));
        _config = Encoding.UTF8.GetBytes(
            $$"""{"architecture":"{{architecture}}",{{(variant is null ? "" : $"\"variant\":\"{variant}\",")}}"os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:{{diffId}}"] } }""");
        Manifest = ImageManifest.Create(
            new Descriptor(MediaTypes.OciConfig, Digest.Of(_config), _config.Length),
            [new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(_layer), _layer.Length)]);
    }

    public ImageManifest Manifest { get; }

    public string Platform { get; }

    public Descriptor Layer => Manifest.Layers[0];

    public ReadOnlyMemory<byte> LayerBytes => _layer;

    public async Task PutAsync(IImageStore store, params string[] tags)
    {
        await store.PutBlobAsync(Manifest.Config, BlobSource.FromBytes(_config), CancellationToken.None);
        await store.PutBlobAsync(Layer, BlobSource.FromBytes(_layer), CancellationToken.None);
        await store.PutManifestAsync(Manifest.Document, tags, CancellationToken.None);
    }
}
