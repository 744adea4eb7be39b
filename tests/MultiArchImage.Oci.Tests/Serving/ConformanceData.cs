using System.Security.Cryptography;
using System.Text;
using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>Content as the conformance suite of the distribution specification makes it: blobs, and manifests in the order that they are pushed in.</summary>
/// <param name="algorithm">The algorithm of all its digests.</param>
internal sealed class ConformanceData(string algorithm = "sha256")
{
    private const string Example = "application/vnd.example.conformance.1";

    private static readonly byte[] Empty = Encoding.UTF8.GetBytes("{}");

    private readonly Dictionary<Digest, byte[]> _blobs = [];
    private readonly List<(Descriptor Descriptor, byte[] Bytes)> _manifests = [];
    private readonly Dictionary<string, Digest> _tags = [];
    private readonly List<(Digest Subject, Descriptor Referrer)> _referrers = [];

    public IReadOnlyDictionary<Digest, byte[]> Blobs => _blobs;

    public IReadOnlyList<(Descriptor Descriptor, byte[] Bytes)> Manifests => _manifests;

    public IReadOnlyDictionary<string, Digest> Tags => _tags;

    public IReadOnlyList<(Digest Subject, Descriptor Referrer)> Referrers => _referrers;

    /// <summary>Whether tags are put in the query of a push by digest (distribution-spec: Pushing Manifests).</summary>
    public bool PutsTagsByQuery { get; private init; }

    /// <summary>The kinds of content of the suite.</summary>
    public static ConformanceData Of(string kind)
    {
        var data = new ConformanceData(kind.EndsWith("sha512", StringComparison.Ordinal) ? "sha512" : "sha256") { PutsTagsByQuery = kind.StartsWith("tags in the query", StringComparison.Ordinal) };
        _ = kind switch
        {
            "image" => data.Image("image"),
            "uncompressed image" => data.Manifest("plain", data.Blob(MediaTypes.OciConfig, Empty), [data.Blob("application/vnd.oci.image.layer.v1.tar", Random(512))], []),
            "large manifest" => data.Image("large", new() { ["annotations"] = JObject.FromObject(Enumerable.Range(0, 390).ToDictionary(number => $"large-{number}", _ => new string('A', 10_000))) }),
            "index" => data.Index("index", data.Image("amd64"), data.Image("arm64")),
            "nested index" => data.Index("nested", data.Index(null, data.Image(null), data.Image(null)), data.Index(null, data.Image(null))),
            "empty index" => data.Index("index"),
            "artifact" => data.Artifact("artifact", subject: null, Example, layers: 1),
            "artifact without layers" => data.Artifact("artifact", subject: null, Example, layers: 0),
            "artifact index" => data.Index("artifact-index", new JObject { ["artifactType"] = Example }, data.Artifact(null, subject: null, Example, layers: 1)),
            "artifacts with subject" => data.WithReferrers(data.Image("image")),
            "index with subject" => data.Index("tagged", new JObject { ["artifactType"] = Example, ["subject"] = data.Index("index", data.Image(null)).ToJson() }, data.Image(null)),
            "index with subject and no type" => data.Index("tagged", new JObject { ["subject"] = data.Image("image").ToJson() }),
            "missing subject" => data.Artifact("tagged", new Descriptor(MediaTypes.OciManifest, Digest.Of("missing content"u8), 123), Example, layers: 1),
            "data field" => data.Manifest("data", data.Blob(MediaTypes.OciEmpty, Empty, "e30="), [], []),
            "non-distributable layers" => data.Manifest("image", data.Blob(MediaTypes.OciConfig, Empty), [Elsewhere("a"), data.Blob(MediaTypes.OciLayerGzip, Random(512))], []),
            "custom fields" => data.Index("custom", new JObject { ["org.example"] = "custom" }, data.Image(null, new() { ["org.example"] = new JObject { ["x"] = 1 } })),
            "no layers" => data.Manifest("no-layers", data.Blob(MediaTypes.OciConfig, Empty), [], []),
            "tags in the query" or "tags in the query of sha512" => data.Index("index", data.Image("first"), data.Image("second")),
            "sha512" => data.Index(null, data.Image(null), data.Image(null)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
        };
        return data;
    }

    private Descriptor WithReferrers(Descriptor subject)
    {
        Image(null, new() { ["subject"] = subject.ToJson() });
        Artifact("tagged-1", subject, Example, layers: 1);
        return Artifact("tagged-2", subject, $"{Example}.other", layers: 1);
    }

    private Descriptor Image(string? tag, JObject? more = null) =>
        Manifest(tag, Blob(MediaTypes.OciConfig, Random(64)), [.. Enumerable.Range(0, 3).Select(_ => Blob(MediaTypes.OciLayerGzip, Random(512)))], more ?? []);

    private Descriptor Artifact(string? tag, Descriptor? subject, string type, int layers)
    {
        var more = new JObject { ["artifactType"] = type, ["annotations"] = new JObject { ["org.example.unique"] = Convert.ToHexString(Random(8)) } };
        if (subject is not null)
            more["subject"] = subject.ToJson();
        return Manifest(tag, Blob(MediaTypes.OciEmpty, Empty), [layers == 0 ? Blob(MediaTypes.OciEmpty, Empty) : Blob(type, Random(512))], more);
    }

    private Descriptor Manifest(string? tag, JObject config, JObject[] layers, JObject more) =>
        Add(tag, MediaTypes.OciManifest, new JObject { ["config"] = config, ["layers"] = new JArray(layers) }, more);

    private Descriptor Index(string? tag, params Descriptor[] images) => Index(tag, [], images);

    private Descriptor Index(string? tag, JObject more, params Descriptor[] images) =>
        Add(tag, MediaTypes.OciIndex, new JObject { ["manifests"] = new JArray(images.Select(image => image.ToJson())) }, more);

    private Descriptor Add(string? tag, string mediaType, JObject content, JObject more)
    {
        var json = new JObject { ["schemaVersion"] = 2, ["mediaType"] = mediaType };
        json.Merge(content);
        json.Merge(more);
        var bytes = Encoding.UTF8.GetBytes(json.ToString());
        var descriptor = new Descriptor(mediaType, DigestOf(bytes), bytes.Length);
        _manifests.Add((descriptor, bytes));
        if (tag is not null)
            _tags[tag] = descriptor.Digest;
        if (more["subject"] is JObject subject)
            _referrers.Add((Digest.Parse((string)subject["digest"]!), descriptor with { ArtifactType = (string?)(more["artifactType"] ?? json["config"]?["mediaType"]), Annotations = Json.Map(more, "annotations") }));
        return descriptor;
    }

    private JObject Blob(string mediaType, byte[] content, string? data = null)
    {
        var digest = DigestOf(content);
        _blobs[digest] = content;
        var json = new Descriptor(mediaType, digest, content.Length).ToJson();
        if (data is not null)
            json["data"] = data;
        return json;
    }

    private static JObject Elsewhere(string name) => new()
    {
        ["mediaType"] = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        ["digest"] = $"{Digest.Of(Encoding.UTF8.GetBytes(name))}",
        ["size"] = 123456,
        ["urls"] = new JArray("https://store.example.com/blobs/1"),
    };

    private Digest DigestOf(byte[] bytes) => Digest.FromHash(algorithm, algorithm == "sha512" ? SHA512.HashData(bytes) : SHA256.HashData(bytes));

    private static byte[] Random(int size) => RandomNumberGenerator.GetBytes(size);
}
