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

    /// <summary>The entries, in the order of the document.</summary>
    /// <exception cref="InvalidImageException">An entry is malformed.</exception>
    public IEnumerable<HeldTag> Entries => Objects.Select(entry => new HeldTag(TagOf(entry), Descriptor.FromJson(entry, _name)));

    /// <summary>The tags, in the order of the document.</summary>
    public IEnumerable<string> Tags => Objects.Select(TagOf).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>What the index refers to by digests that this module can verify, in the order of the document.</summary>
    /// <exception cref="InvalidImageException">An entry is malformed.</exception>
    public IEnumerable<Descriptor> Manifests =>
        Objects.Where(entry => Digest.TryParse(entry.Text("digest"), out _)).Select(entry => Descriptor.FromJson(entry, _name));

    private IEnumerable<JObject> Objects => _entries.OfType<JObject>();

    private bool IsOfOneImage => Objects.Select(entry => entry.Text("digest")).Distinct(StringComparer.Ordinal).Count() == 1;

    /// <summary>An index of nothing.</summary>
    public static LayoutIndex Empty() =>
        new(new JObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JArray() }, "index.json");

    /// <summary>The entry of a tag, or null. <c>latest</c> is also the only image of a layout, whatever its tags, as for skopeo.</summary>
    /// <exception cref="InvalidImageException">The entry is malformed.</exception>
    public Descriptor? Find(string tag)
    {
        var entry = EntryOf(tag) ?? (tag == ImageReference.DefaultTag && IsOfOneImage ? Objects.FirstOrDefault() : null);
        return entry is null ? null : Descriptor.FromJson(entry, _name);
    }

    /// <summary>The entry of a tag, or null; no other stands in for <c>latest</c>.</summary>
    /// <exception cref="InvalidImageException">The entry is malformed.</exception>
    public Descriptor? FindExactly(string tag) => EntryOf(tag) is { } entry ? Descriptor.FromJson(entry, _name) : null;

    /// <summary>The first entry of a digest, or null.</summary>
    public Descriptor? Find(Digest digest) =>
        Objects.FirstOrDefault(entry => entry.Text("digest") == digest.ToString()) is { } found ? Descriptor.FromJson(found, _name) : null;

    /// <summary>The name in a registry that the image under a tag or digest is meant for; null where the index does not say.</summary>
    public ImageReference? FindIntendedName(string tagOrDigest)
    {
        var digest = Digest.TryParse(tagOrDigest, out var known) ? known : Find(tagOrDigest)?.Digest;
        var entries = Objects.Where(entry => entry.Text("digest") == digest?.ToString()).ToList();
        // An image may have several tags, each with a name of its own.
        return entries.Where(entry => TagOf(entry) == tagOrDigest).Concat(entries).Select(IntendedNameOf).FirstOrDefault(name => name is not null);
    }

    /// <summary>Points a tag at a manifest; its earlier entry goes, the manifest of that stays where it is. Tells whether anything changed.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="manifest">What it names from now on.</param>
    /// <param name="imageName">The full name in a registry; null keeps that of the earlier entry.</param>
    public bool SetTag(string tag, Descriptor manifest, string? imageName)
    {
        var digest = manifest.Digest.ToString();
        var old = EntryOf(tag)
            ?? Objects.FirstOrDefault(entry => TagOf(entry) is null && entry.Text("digest") == digest);
        var entry = old?.Text("digest") == digest ? (JObject)old.DeepClone() : manifest.ToJson();
        Annotate(entry, tag, imageName ?? (old is null ? null : NameOf(old)));
        if (old is not null && JToken.DeepEquals(old, entry))
            return false;
        if (old is null)
            _entries.Add(entry);
        else
            old.Replace(entry);
        foreach (var stale in Objects.Where(other => other != entry && TagOf(other) == tag).ToList())
            stale.Remove();
        return true;
    }

    /// <summary>Removes the entries of a tag. Tells whether there were any.</summary>
    public bool Remove(string tag) => Remove(entry => TagOf(entry) == tag);

    /// <summary>Removes the entries of a digest, with a tag or without. Tells whether there were any.</summary>
    public bool Remove(Digest digest) => Remove(entry => entry.Text("digest") == digest.ToString());

    /// <summary>Refers to a manifest without a tag, where nothing refers to it yet. Tells whether nothing did.</summary>
    public bool Add(Descriptor manifest)
    {
        if (Find(manifest.Digest) is not null)
            return false;
        _entries.Add(manifest.ToJson());
        return true;
    }

    /// <summary>The images of the index, as references to the place that it is of.</summary>
    public IEnumerable<NamedImage> Names(ImageReference place)
    {
        var imagesOf = Objects.Where(entry => TagOf(entry) is not null).ToLookup(entry => TagOf(entry)!, entry => entry.Text("digest"), StringComparer.Ordinal);
        foreach (var entry in Objects)
        {
            if (!Digest.TryParse(entry.Text("digest"), out var digest))
                continue;
            var tag = TagOf(entry);
            var isNamedByTag = tag is not null && imagesOf[tag].Distinct(StringComparer.Ordinal).Count() == 1;
            yield return new NamedImage(isNamedByTag ? place.WithTag(tag!) : place.WithDigest(digest), tag, IntendedNameOf(entry));
        }
    }

    /// <summary>The names in registries that an image is meant for, as Docker shows them.</summary>
    public IEnumerable<string> NamesOf(Digest digest) =>
        Objects.Where(entry => entry.Text("digest") == digest.ToString()).Select(IntendedNameOf).OfType<ImageReference>().Select(name => $"{name.OrLatest()}").Distinct(StringComparer.Ordinal);

    /// <summary>A copy that can be changed by itself.</summary>
    public LayoutIndex Copy() => new((JObject)_json.DeepClone(), _name);

    /// <summary>The document.</summary>
    public byte[] ToBytes() => Json.ToBytes(_json);

    private JObject? EntryOf(string tag) => Objects.FirstOrDefault(entry => TagOf(entry) == tag);

    private bool Remove(Func<JObject, bool> isMeant)
    {
        var meant = Objects.Where(isMeant).ToList();
        meant.ForEach(entry => entry.Remove());
        return meant.Count > 0;
    }

    // containerd and buildx write the full name to a field of its own, skopeo and podman into the one of the tag.
    private static ImageReference? IntendedNameOf(JObject entry)
    {
        var tag = (entry["annotations"] as JObject)?.Text(Annotations.RefName);
        var name = NameOf(entry) ?? (tag is not null && !ImageReference.IsTag(tag) ? tag : null);
        return ImageReference.TryParse(name, out var reference) && !reference.IsFile ? reference : null;
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
