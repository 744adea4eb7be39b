using System.Collections;
using System.Management.Automation;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>
/// Lets a parameter for names take objects too, by what they hold and not by what their tag means by now: one that knows its digest becomes
/// <c>NAME:TAG@DIGEST</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReferenceInputAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        Base(inputData) is IEnumerable list and not string and not IDictionary ? list.Cast<object>().Select(One).ToArray() : new[] { One(inputData) };

    private static string One(object input) => Base(input) switch
    {
        string text => text,
        ArchImage image => Named(image.Reference, image.Digest),
        FatManifest manifest => Named(manifest.Reference, manifest.Digest),
        IDictionary map => Named($"{map["Reference"]}", $"{map["Digest"]}"),
        var other => Named($"{PSObject.AsPSObject(input).Properties["Reference"]?.Value}", $"{PSObject.AsPSObject(input).Properties["Digest"]?.Value}") is { Length: > 0 } named
            ? named
            : throw new ArgumentTransformationMetadataException(
                $"A {other?.GetType().Name ?? "null"} is no image: give names, or objects that have a Reference."),
    };

    private static string Named(string reference, string? digest) =>
        reference.Length == 0 || string.IsNullOrEmpty(digest) || reference.Contains('@') ? reference : $"{reference}@{digest}";

    private static object? Base(object? input) => input is PSObject wrapped ? wrapped.BaseObject : input;
}
