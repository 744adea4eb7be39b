using System.Collections;
using System.Management.Automation;
using MultiArchImage.Oci.Stores.Archives;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>The reference of what people have: a name, an object that has one, a folder or file of <c>Get-ChildItem</c>, a URI of a registry.</summary>
internal static class ReferenceText
{
    // In other programs' words: skopeo and podman say docker:// for the protocol.
    private static readonly string[] Schemes = ["https", "http", "docker"];

    /// <exception cref="ArgumentTransformationMetadataException">It has none.</exception>
    public static string? Of(object? input) => Plain(input) switch
    {
        null => null,
        DirectoryInfo folder => $"oci:{folder.FullName}",
        FileInfo file => OfArchive(file),
        Uri uri => OfUri(uri),
        FatManifestEntry entry => Require(entry.Reference),
        IDictionary map => Require(map["Reference"]),
        PSObject custom => Require(custom.Properties["Reference"]?.Value),
        var other => $"{other}",
    };

    /// <summary>The object itself, without PowerShell's wrapping; what PowerShell made of JSON is nothing but its properties, and stays.</summary>
    public static object? Plain(object? input) => input is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : input;

    private static string OfArchive(FileInfo file)
    {
        try
        {
            return $"{ArchiveKind.Of(file.FullName)}:{file.FullName}";
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private static string OfUri(Uri uri) => uri.IsAbsoluteUri && Schemes.Contains(uri.Scheme, StringComparer.OrdinalIgnoreCase)
        ? uri.OriginalString[(uri.Scheme.Length + "://".Length)..]
        : uri.OriginalString;

    private static string Require(object? reference) => $"{reference}" is { Length: > 0 } text ? text : throw new ArgumentTransformationMetadataException(
        "The object has no Reference: give names, like akraino/validation:k8s-latest, or what Get-ArchImage and Get-FatManifest bring.");
}
