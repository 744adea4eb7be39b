using System.Collections;
using System.Management.Automation;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>
/// Lets a parameter for a fat manifest take what people have: an object, a name, or an object made of JSON that was saved before. A name becomes a
/// fat manifest of which only the reference is known.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FatManifestInputAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData) switch
        {
            FatManifest manifest => manifest,
            ArchImage image => new FatManifest(image),
            string text => new FatManifest(text),
            FileSystemInfo or Uri => new FatManifest(ReferenceText.Of(inputData)!),
            IDictionary or PSObject => FromProperties(inputData),
            var other => throw new ArgumentTransformationMetadataException(
                $"A {other?.GetType().Name ?? "null"} is not a fat manifest: give a name, or what Get-FatManifest brings."),
        };

    private static FatManifest FromProperties(object saved) => new()
    {
        Reference = Text(saved, "Reference") is { Length: > 0 } reference
            ? reference
            : throw new ArgumentTransformationMetadataException("The object is not a fat manifest: it has no Reference."),
        Digest = Text(saved, "Digest") ?? "",
        MediaType = Text(saved, "MediaType") ?? "",
        PreviousDigest = Text(saved, "PreviousDigest") is { Length: > 0 } previous ? previous : null,
        Entries = [.. Items(Value(saved, "Entries")).Select(Entry)],
        Annotations = Value(saved, "Annotations") is { } annotations ? Properties(annotations).ToDictionary(pair => pair.Name, pair => $"{pair.Value}") : [],
    };

    private static FatManifestEntry Entry(object saved) => new()
    {
        Reference = Text(saved, "Reference") ?? "",
        Platform = Text(saved, "Platform") ?? "",
        Digest = Digest.TryParse(Text(saved, "Digest"), out var digest)
            ? $"{digest}"
            : throw new ArgumentTransformationMetadataException("The object is not a fat manifest: an entry has no Digest."),
        MediaType = Text(saved, "MediaType") ?? "",
        Kind = Text(saved, "Kind") ?? "Image",
    };

    // One entry alone comes as itself where JSON was read with its arrays unrolled.
    private static IEnumerable<object> Items(object? value) => value switch
    {
        null => [],
        PSObject { BaseObject: IList list } => list.Cast<object>(),
        IList list => list.Cast<object>(),
        _ => [value],
    };

    private static string? Text(object saved, string name) => Value(saved, name) is { } value ? $"{value}" : null;

    private static object? Value(object saved, string name) =>
        Properties(saved).FirstOrDefault(pair => string.Equals(pair.Name, name, StringComparison.OrdinalIgnoreCase)).Value;

    private static IEnumerable<(string Name, object? Value)> Properties(object saved) => saved switch
    {
        PSObject { BaseObject: IDictionary map } => Properties(map),
        IDictionary map => map.Keys.Cast<object>().Select(key => ($"{key}", map[key])),
        _ => PSObject.AsPSObject(saved).Properties.Select(property => (property.Name, (object?)property.Value)),
    };
}
