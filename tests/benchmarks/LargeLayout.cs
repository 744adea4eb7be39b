using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using MultiArchImage.Testbed;

namespace MultiArchImage.Benchmarks;

/// <summary>
/// An OCI image layout with one fat manifest of two platforms under the tag <c>large</c>, its layers gzip of bytes that do not compress, as real ones
/// hardly do any more.
/// </summary>
internal sealed class LargeLayout : IDisposable
{
    private const string MediaType = "application/vnd.oci.image";
    private const int LayersPerImage = 4;

    private readonly TemporaryFolder _folder = new();

    /// <summary>Writes one.</summary>
    /// <param name="bytes">What all layers have together.</param>
    public LargeLayout(long bytes)
    {
        Directory.CreateDirectory(_folder["blobs/sha256"]);
        _folder.Write("oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
        var images = new[] { "amd64", "arm64" }.Select(architecture => WriteImage(architecture, bytes / 2 / LayersPerImage)).ToArray<JsonNode>();
        var index = Describe("index.v1+json", new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = $"{MediaType}.index.v1+json", ["manifests"] = new JsonArray(images) });
        index["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "large" };
        _folder.Write("index.json", new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(index) }.ToJsonString());
    }

    /// <summary>Its folder.</summary>
    public string Path => _folder.Path;

    /// <summary>The digests and sizes of its layers.</summary>
    public List<(string Digest, long Size)> Layers { get; } = [];

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private JsonObject WriteImage(string architecture, long bytesPerLayer)
    {
        var layers = Enumerable.Range(0, LayersPerImage).Select(_ => WriteLayer(bytesPerLayer)).ToList();
        var config = Describe("config.v1+json", new JsonObject
        {
            ["os"] = "linux",
            ["architecture"] = architecture,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. layers.Select(layer => JsonValue.Create(layer.DiffId))]) },
        });
        var manifest = Describe("manifest.v1+json", new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = $"{MediaType}.manifest.v1+json",
            ["config"] = config,
            ["layers"] = new JsonArray([.. layers.Select(layer => layer.Descriptor)]),
        });
        manifest["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = architecture };
        return manifest;
    }

    private (JsonObject Descriptor, string DiffId) WriteLayer(long bytes)
    {
        var (archive, layer) = (_folder["archive"], _folder["layer"]);
        using (var tar = new TarWriter(File.Create(archive)))
        using (var content = new MemoryStream(RandomNumberGenerator.GetBytes((int)bytes)))
            tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, "data") { DataStream = content });
        using (var packed = new GZipStream(File.Create(layer), CompressionLevel.NoCompression))
        using (var content = File.OpenRead(archive))
            content.CopyTo(packed);
        var (digest, size) = (Digest(layer), new FileInfo(layer).Length);
        File.Move(layer, BlobPath(digest));
        Layers.Add((digest, size));
        return (Descriptor("layer.v1.tar+gzip", digest, size), Digest(archive));
    }

    private JsonObject Describe(string type, JsonObject document)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(document);
        var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
        File.WriteAllBytes(BlobPath(digest), bytes);
        return Descriptor(type, digest, bytes.Length);
    }

    private static JsonObject Descriptor(string type, string digest, long size) =>
        new() { ["mediaType"] = $"{MediaType}.{type}", ["digest"] = digest, ["size"] = size };

    private static string Digest(string file)
    {
        using var content = File.OpenRead(file);
        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
    }

    private string BlobPath(string digest) => _folder[$"blobs/{digest.Replace(':', '/')}"];
}
