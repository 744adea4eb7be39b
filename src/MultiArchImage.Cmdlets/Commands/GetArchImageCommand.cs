using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Lists images by name: those of the engine, of a registry with -Remote, of a layout (oci:PATH) or an archive (docker-archive:FILE).</summary>
[Cmdlet(VerbsCommon.Get, "ArchImage"), OutputType(typeof(ArchImage))]
public sealed class GetArchImageCommand : EngineCmdlet
{
    // Registry, repository and tag, whatever they are.
    private const string AllOfTheEngine = "*:*";

    /// <summary>Names with wildcards: akraino/validation:k8s-*; without it, all images of the engine.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Reference { get; set; } = [AllOfTheEngine];

    /// <summary>Only images for these platforms.</summary>
    [Parameter]
    [PlatformInput]
    public string[] Platform { get; set; } = [];

    /// <summary>Ask the registry, not the engine.</summary>
    [Parameter]
    public SwitchParameter Remote { get; set; }

    private protected override void Accept()
    {
        foreach (var reference in Reference)
            Start(reference, () => LocatePattern(reference), ListAsync);
    }

    private async Task ListAsync(ReferencePattern pattern, CancellationToken cancel)
    {
        var platforms = Platform.Select(Oci.Model.Platform.Parse).ToList();
        var images = Remote || pattern.Place is { IsFile: true }
            ? new ImageListing(Stores, Sink).ListAsync(pattern, cancel)
            : ListEngineAsync(pattern, cancel);
        await foreach (var image in images.ConfigureAwait(false))
        {
            if (platforms.Count == 0 || platforms.Exists(Oci.Model.Platform.Parse(image.Platform).IsSameMachineAs))
                await WriteAsync(image).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<ArchImage> ListEngineAsync(
        ReferencePattern pattern, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var engine = await Building.Engine.OpenAsync(cancel).ConfigureAwait(false);
        await foreach (var image in engine.ListAsync(pattern, cancel).ConfigureAwait(false))
            yield return image;
    }
}
