using System.Management.Automation;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>What names hold: the digest, the media type, and the entries with their platforms.</summary>
[Cmdlet(VerbsCommon.Get, "FatManifest"), OutputType(typeof(FatManifest)), Alias("Inspect-FatManifest")]
public sealed class GetFatManifestCommand : RegistryCmdlet
{
    /// <summary>Names, with a tag, a digest, or wildcards in the tag.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Reference { get; set; } = [];

    private protected override void Accept()
    {
        foreach (var reference in Reference)
            Start(reference, () => LocatePattern(reference), ReadAsync);
    }

    private async Task ReadAsync(ReferencePattern pattern, CancellationToken cancel)
    {
        await foreach (var found in new FatManifestReader(Stores).ReadAsync(pattern, cancel).ConfigureAwait(false))
            await WriteAsync(found).ConfigureAwait(false);
    }
}
