using System.Collections;
using System.Management.Automation;
using System.Reflection;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>
/// Lets a parameter for images take what people have: image objects, names, and objects made of JSON by another job. A name becomes an image
/// of which only the reference is known.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ImageInputAttribute : ArgumentTransformationAttribute
{
    private static readonly Dictionary<string, PropertyInfo> Known =
        typeof(ArchImage).GetProperties().Where(property => property.CanWrite).ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is PSObject { BaseObject: object[] or ArrayList } or object[] or ArrayList
            ? ((IEnumerable)Base(inputData)).Cast<object>().Select(One).ToArray()
            : One(inputData);

    private static ArchImage One(object input) => Base(input) switch
    {
        ArchImage image => image,
        FatManifest manifest => new ArchImage(manifest),
        FatManifestEntry { Reference.Length: > 0 } entry => new ArchImage(entry),
        string text => new ArchImage(text),
        FileSystemInfo or Uri => new ArchImage(ReferenceText.Of(input)!),
        IDictionary map => FromProperties(map.Keys.Cast<object>().Select(key => ($"{key}", map[key]))),
        PSCustomObject => FromProperties(((PSObject)input).Properties.Select(property => (property.Name, (object?)property.Value))),
        var other => throw new ArgumentTransformationMetadataException($"A {other.GetType().Name} is not an image: give names, or what Get-ArchImage brings."),
    };

    private static ArchImage FromProperties(IEnumerable<(string Name, object? Value)> properties)
    {
        var known = new Hashtable(StringComparer.Ordinal);
        foreach (var (name, value) in properties)
        {
            if (Known.TryGetValue(name, out var property))
                known[property.Name] = value is PSObject { BaseObject: PSCustomObject } map ? ToMap(map) : value is PSObject wrapped ? wrapped.BaseObject : value;
        }
        if (known["Reference"] is not string { Length: > 0 })
            throw new ArgumentTransformationMetadataException("The object is not an image: it has no Reference.");
        try
        {
            return new ArchImage(known);
        }
        catch (InvalidImageException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private static Hashtable ToMap(PSObject map)
    {
        var table = new Hashtable(StringComparer.Ordinal);
        foreach (var property in map.Properties)
            table[property.Name] = property.Value;
        return table;
    }

    private static object Base(object input) => input is PSObject wrapped ? wrapped.BaseObject is PSCustomObject custom ? custom : wrapped.BaseObject : input;
}
