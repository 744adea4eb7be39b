using System.Management.Automation;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>Takes a digest, or an object that has one (a fat manifest, an image), and says the right form where there is none.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DigestInputAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var text = (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            FatManifest manifest => manifest.Digest,
            ArchImage image => image.Digest,
            var other => $"{other}",
        };
        return Digest.TryParse(text, out _)
            ? text
            : throw new ArgumentTransformationMetadataException($"'{text}' is not a digest: write sha256: and 64 hexadecimal characters, as Get-FatManifest shows it.");
    }
}
