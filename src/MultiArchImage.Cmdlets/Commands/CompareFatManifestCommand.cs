using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.FatManifests.Comparison;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>
/// What differs between two fat manifests, platform by platform: names, objects, or what was saved as JSON. Images that changed are looked into
/// where they are still there.
/// </summary>
[Cmdlet(VerbsData.Compare, "FatManifest"), OutputType(typeof(FatManifestDifference))]
public sealed class CompareFatManifestCommand : RegistryCmdlet
{
    /// <summary>The first: what was.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [FatManifestInput]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public FatManifest ReferenceObject { get; set; } = null!;

    /// <summary>The second: what is. What it has more is added.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [FatManifestInput]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public FatManifest DifferenceObject { get; set; } = null!;

    /// <summary>Write also what is the same.</summary>
    [Parameter]
    public SwitchParameter IncludeEqual { get; set; }

    private protected override void Accept() => Start(
        DifferenceObject.Reference, () => (Locate(ReferenceObject), Locate(DifferenceObject)), CompareAsync);

    private async Task CompareAsync((FatManifest Reference, FatManifest Difference) both, CancellationToken cancel)
    {
        await foreach (var difference in new FatManifestComparer(Stores).CompareAsync(both.Reference, both.Difference, cancel).ConfigureAwait(false))
        {
            if (IncludeEqual || !difference.IsSame)
                await WriteAsync(difference).ConfigureAwait(false);
        }
    }

    private FatManifest Locate(FatManifest manifest) => manifest with { Reference = $"{Locate(manifest.Reference)}" };
}
