using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace MultiArchImage.Testbed.Peers;

/// <summary>
/// A repository of a registry that is filled and read with bare requests (distribution-spec: Push, Pull), so that neither the module nor a peer
/// has a say in what is there.
/// </summary>
/// <param name="host">The registry.</param>
/// <param name="name">The repository's name there.</param>
/// <param name="login"><c>user:password</c> for a registry that wants one; null for one that does not.</param>
public sealed class BareRepository(string host, string name, string? login = null) : IDisposable
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";

    private readonly HttpClient _http = new()
    {
        DefaultRequestHeaders = { Authorization = login is null ? null : new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login))) },
    };

    /// <summary>The repository as references name it.</summary>
    public string Reference => $"{host}/{name}";

    /// <summary>Pushes an image of one layer, with a real archive in it, and gives its digest.</summary>
    /// <param name="tag">The tag; null for none.</param>
    /// <param name="platform">What its config says: <c>os/architecture</c> and perhaps a variant.</param>
    /// <param name="docker">Whether it is a Docker image; an OCI image otherwise.</param>
    /// <param name="osVersion">The version of Windows.</param>
    /// <param name="salt">What makes images of one platform differ.</param>
    public async Task<string> PushImageAsync(string? tag, string platform, bool docker = false, string? osVersion = null, string salt = "")
    {
        var (archive, packed) = Layer($"{platform} {osVersion} {salt}");
        var config = Config(platform, osVersion, Digest(archive));
        return await PutManifestAsync(tag, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = docker ? DockerManifest : OciManifest,
            ["config"] = await PutBlobAsync(docker ? "application/vnd.docker.container.image.v1+json" : "application/vnd.oci.image.config.v1+json", config),
            ["layers"] = new JsonArray(await PutBlobAsync(
                docker ? "application/vnd.docker.image.rootfs.diff.tar.gzip" : "application/vnd.oci.image.layer.v1.tar+gzip", packed)),
        });
    }

    /// <summary>Pushes an index of an image and of its provenance, as BuildKit makes it for one platform, and gives the digests of all three.</summary>
    public async Task<(string Index, string Image, string Attestation)> PushAttestedAsync(string tag, string platform)
    {
        var image = await PushImageAsync(null, platform, salt: "attested");
        var attestation = await PutManifestAsync(null, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciManifest,
            ["config"] = await PutBlobAsync("application/vnd.oci.image.config.v1+json", Config("unknown/unknown", null, Digest([]))),
            ["layers"] = new JsonArray(await PutBlobAsync("application/vnd.in-toto+json", Encoding.UTF8.GetBytes($$"""{ "about": "{{image}}" }"""))),
        });
        var index = await PutIndexAsync(
            tag,
            await DescriptorAsync(image, platform),
            await DescriptorAsync(attestation, "unknown/unknown", new() { ["vnd.docker.reference.type"] = "attestation-manifest", ["vnd.docker.reference.digest"] = image }));
        return (index, image, attestation);
    }

    /// <summary>Pushes an OCI index, and gives its digest.</summary>
    public Task<string> PutIndexAsync(string tag, params JsonObject[] entries) => PutManifestAsync(tag, new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = OciIndex,
        ["manifests"] = new JsonArray(entries),
    });

    /// <summary>The entry of an index for what a tag or digest of this repository holds.</summary>
    public async Task<JsonObject> DescriptorAsync(string reference, string platform, JsonObject? annotations = null)
    {
        var (type, bytes) = await GetManifestAsync(reference);
        var entry = new JsonObject { ["mediaType"] = type, ["digest"] = Digest(bytes), ["size"] = bytes.Length, ["platform"] = Platform(platform, null) };
        if (annotations is not null)
            entry["annotations"] = annotations;
        return entry;
    }

    /// <summary>The fat manifest that a tag or digest holds.</summary>
    public async Task<BareIndex> GetIndexAsync(string reference)
    {
        var (type, bytes) = await GetManifestAsync(reference);
        return new BareIndex(type, Digest(bytes), JsonNode.Parse(bytes)!.AsObject());
    }

    /// <summary>The config of the image that a tag or digest holds.</summary>
    public async Task<JsonObject> GetConfigAsync(string reference)
    {
        var manifest = JsonNode.Parse((await GetManifestAsync(reference)).Bytes)!;
        return JsonNode.Parse(await _http.GetByteArrayAsync(new Uri($"http://{host}/v2/{name}/blobs/{manifest["config"]!["digest"]}")))!.AsObject();
    }

    /// <summary>Pushes a signature of a manifest as cosign does, under the tag that its digest gives, and gives the tag.</summary>
    /// <param name="about">The digest of the manifest.</param>
    /// <param name="signer">What makes signatures differ.</param>
    public async Task<string> PushSignatureAsync(string about, string signer)
    {
        var tag = $"{about.Replace(':', '-')}.sig";
        var payload = $$"""{ "critical": { "image": { "docker-manifest-digest": "{{about}}" } }, "optional": { "signer": "{{signer}}" } }""";
        await PutManifestAsync(tag, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciManifest,
            ["config"] = await PutBlobAsync("application/vnd.oci.image.config.v1+json", Config("linux/amd64", null, Digest([]))),
            ["layers"] = new JsonArray(await PutBlobAsync("application/vnd.dev.cosign.simplesigning.v1+json", Encoding.UTF8.GetBytes(payload))),
        });
        return tag;
    }

    /// <summary>Whether a tag or digest holds anything.</summary>
    public async Task<bool> HasAsync(string reference)
    {
        using var request = Request(HttpMethod.Head, reference);
        using var response = await _http.SendAsync(request);
        return response.IsSuccessStatusCode;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    private static byte[] Config(string platform, string? osVersion, string diffId)
    {
        var config = Platform(platform, osVersion);
        config["config"] = new JsonObject();
        config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(diffId) };
        return Encoding.UTF8.GetBytes(config.ToJsonString());
    }

    private static JsonObject Platform(string platform, string? osVersion)
    {
        var parts = platform.Split('/');
        var document = new JsonObject { ["architecture"] = parts[1], ["os"] = parts[0] };
        if (osVersion is not null)
            document["os.version"] = osVersion;
        if (parts.Length > 2)
            document["variant"] = parts[2];
        return document;
    }

    private static (byte[] Archive, byte[] Packed) Layer(string text)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "content")
            {
                ModificationTime = DateTimeOffset.UnixEpoch,
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
            });
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(archive.ToArray());
        return (archive.ToArray(), packed.ToArray());
    }

    private async Task<JsonObject> PutBlobAsync(string mediaType, byte[] bytes)
    {
        using var begun = await _http.PostAsync(new Uri($"http://{host}/v2/{name}/blobs/uploads/"), null);
        begun.EnsureSuccessStatusCode();
        var place = new Uri(new Uri($"http://{host}"), begun.Headers.Location!);
        var separator = place.Query.Length > 0 ? '&' : '?';
        using var content = new ByteArrayContent(bytes);
        using var put = await _http.PutAsync(new Uri($"{place}{separator}digest={Digest(bytes)}"), content);
        put.EnsureSuccessStatusCode();
        return new JsonObject { ["mediaType"] = mediaType, ["digest"] = Digest(bytes), ["size"] = bytes.Length };
    }

    private async Task<string> PutManifestAsync(string? tag, JsonObject manifest)
    {
        var bytes = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue($"{manifest["mediaType"]}");
        using var put = await _http.PutAsync(Manifest(tag ?? Digest(bytes)), content);
        put.EnsureSuccessStatusCode();
        return Digest(bytes);
    }

    private async Task<(string MediaType, byte[] Bytes)> GetManifestAsync(string reference)
    {
        using var request = Request(HttpMethod.Get, reference);
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (response.Content.Headers.ContentType!.MediaType!, await response.Content.ReadAsByteArrayAsync());
    }

    private HttpRequestMessage Request(HttpMethod method, string reference)
    {
        var request = new HttpRequestMessage(method, Manifest(reference));
        foreach (var type in new[] { OciManifest, OciIndex, DockerManifest, DockerList })
            request.Headers.Accept.ParseAdd(type);
        return request;
    }

    private Uri Manifest(string reference) => new($"http://{host}/v2/{name}/manifests/{reference}");
}
