using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Stores;

/// <summary>
/// The <c>index.json</c> of an image layout: what the layout holds under which tag (image-spec: Image Layout, index.json file). Entries
/// stay JSON until one is asked for, so that fields, digests and entries of other writers are kept and disturb nobody.
/// </summary>
internal sealed class LayoutIndex
{
    private readonly JObject _json;
    private readonly JArray _entries;
    private readonly string _name;

    /// <param name="json">The document.</param>
    /// <param name="name">What it is called in errors.</param>
    /// <exception cref="InvalidImageException">The document has no field of entries.</exception>
    public LayoutIndex(JObject json, string name)
    {
        _json = json;
        _name = name;
        _entries = json["manifests"] as JArray ?? throw new InvalidImageException("index.json", "has no manifests field");
    }

    /// <summary>The tags, in the order of the document.</summary>
    public IEnumerable<string> Tags => Entries.Select(TagOf).OfType<string>().Distinct(StringComparer.Ordinal);

    private IEnumerable<JObject> Entries => _entries.OfType<JObject>();

    /// <summary>An index of nothing.</summary>
    public static LayoutIndex Empty() =>
        new(new JObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JArray() }, "index.json");

    /// <summary>The entry of a tag, or null. <c>latest</c> is also the only entry of a layout, whatever its tag, as for skopeo.</summary>
    /// <exception cref="InvalidImageException">The entry is malformed.</exception>
    public Descriptor? Find(string tag)
    {
        var entry = EntryOf(tag) ?? (tag == ImageReference.DefaultTag && _entries.Count == 1 ? Entries.FirstOrDefault() : null);
        return entry is null ? null : Descriptor.FromJson(entry, _name);
    }

    /// <summary>The entry of a tag, or null; no other stands in for <c>latest</c>.</summary>
    /// <exception cref="InvalidImageException">The entry is malformed.</exception>
    public Descriptor? FindExactly(string tag) => EntryOf(tag) is { } entry ? Descriptor.FromJson(entry, _name) : null;

    /// <summary>The first entry of a digest, or null.</summary>
    public Descriptor? Find(Digest digest) =>
        Entries.FirstOrDefault(entry => entry.Text("digest") == digest.ToString()) is { } found ? Descriptor.FromJson(found, _name) : null;

    /// <summary>Points a tag at a manifest; its earlier entry goes, the manifest of that stays where it is. Tells whether anything changed.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="manifest">What it names from now on.</param>
    /// <param name="imageName">The full name in a registry; null keeps that of the earlier entry.</param>
    public bool SetTag(string tag, Descriptor manifest, string? imageName)
    {
        var digest = manifest.Digest.ToString();
        var old = EntryOf(tag)
            ?? Entries.FirstOrDefault(entry => TagOf(entry) is null && entry.Text("digest") == digest);
        var entry = old?.Text("digest") == digest ? (JObject)old.DeepClone() : manifest.ToJson();
        Annotate(entry, tag, imageName ?? (old is null ? null : NameOf(old)));
        if (old is not null && JToken.DeepEquals(old, entry))
            return false;
        if (old is null)
            _entries.Add(entry);
        else
            old.Replace(entry);
        foreach (var stale in Entries.Where(other => other != entry && TagOf(other) == tag).ToList())
            stale.Remove();
        return true;
    }

    /// <summary>The manifests that have entries, each once, tagged or not.</summary>
    /// <exception cref="InvalidImageException">An entry is malformed.</exception>
    public IEnumerable<Descriptor> Manifests => Entries.Select(entry => Descriptor.FromJson(entry, _name)).DistinctBy(entry => entry.Digest);

    /// <summary>Adds an entry without a tag where the manifest has none at all, so that it counts as held. Tells whether anything changed.</summary>
    public bool Keep(Descriptor manifest)
    {
        if (Find(manifest.Digest) is not null)
            return false;
        _entries.Add(manifest.ToJson());
        return true;
    }

    /// <summary>Takes a tag away; its manifest keeps an entry. Tells whether the tag was there.</summary>
    public bool RemoveTag(string tag)
    {
        if (FindExactly(tag) is not { } manifest)
            return false;
        Remove(entry => TagOf(entry) == tag);
        Keep(manifest with { Annotations = Json.EmptyMap });
        return true;
    }

    /// <summary>Takes away all entries of a manifest, with their tags. Tells whether there were any.</summary>
    public bool Remove(Digest digest) => Remove(entry => entry.Text("digest") == digest.ToString());

    /// <summary>The document.</summary>
    public byte[] ToBytes() => Json.ToBytes(_json);

    private JObject? EntryOf(string tag) => Entries.FirstOrDefault(entry => TagOf(entry) == tag);

    private bool Remove(Func<JObject, bool> isMeant)
    {
        var found = Entries.Where(isMeant).ToList();
        found.ForEach(entry => entry.Remove());
        return found.Count > 0;
    }

    private static void Annotate(JObject entry, string tag, string? imageName)
    {
        var annotations = entry["annotations"] as JObject ?? [];
        if (imageName is not null)
            annotations[Annotations.ImageName] = imageName;
        annotations[Annotations.RefName] = tag;
        entry["annotations"] = annotations;
    }

    private static string? NameOf(JObject entry) => (entry["annotations"] as JObject)?.Text(Annotations.ImageName);

    // Most writers put the tag there; skopeo puts whatever it was told, which may be a full name.
    private static string? TagOf(JObject entry) => (entry["annotations"] as JObject)?.Text(Annotations.RefName) switch
    {
        null or "" => null,
        var name when ImageReference.IsTag(name) => name,
        var name => ImageReference.TryParse(name, out var reference) ? reference.Tag : null,
    };
}
