using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Lists images by name: those of the engine, of a registry with -Remote, of a layout (oci:PATH) or an archive (docker-archive:FILE).</summary>
[Cmdlet(VerbsCommon.Get, "ArchImage", DefaultParameterSetName = "Image")]
[OutputType(typeof(ArchImage), ParameterSetName = ["Image"])]
[OutputType(typeof(string), ParameterSetName = ["Name"])]
public sealed class GetArchImageCommand : EngineCmdlet
{
    // Registry, repository and tag, whatever they are.
    private const string AllOfTheEngine = "*:*";

    /// <summary>Names with wildcards: akraino/validation:k8s-*; without it, all images of the engine.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ReferenceInput]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string[] Reference { get; set; } = [AllOfTheEngine];

    /// <summary>Only images for these platforms.</summary>
    [Parameter(ParameterSetName = "Image")]
    [PlatformInput]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] Platform { get; set; } = [];

    /// <summary>Only the names, as strings: nothing is read of the images, so that a registry is asked for a page of its tags at a time and no more.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Name")]
    public SwitchParameter NameOnly { get; set; }

    /// <summary>Ask the registry, not the engine.</summary>
    [Parameter]
    public SwitchParameter Remote { get; set; }

    private protected override void Accept()
    {
        foreach (var reference in Reference)
            Start(reference, () => LocatePattern(reference), NameOnly ? ListNamesAsync : ListAsync);
    }

    private async Task ListAsync(ReferencePattern pattern, CancellationToken cancel)
    {
        var platforms = Platform.Select(Oci.Model.Platform.Parse).ToList();
        var images = IsOfStore(pattern) ? new ImageListing(Stores, Sink).ListAsync(pattern, cancel) : ListEngineAsync(pattern, cancel);
        await foreach (var image in images.ConfigureAwait(false))
        {
            if (platforms.Count == 0 || platforms.Exists(Oci.Model.Platform.Parse(image.Platform).IsSameMachineAs))
                await WriteAsync(image).ConfigureAwait(false);
        }
    }

    private async Task ListNamesAsync(ReferencePattern pattern, CancellationToken cancel)
    {
        if (IsOfStore(pattern))
        {
            await WriteAllAsync(new ImageListing(Stores, Sink).ListNamesAsync(pattern, cancel), name => $"{name}").ConfigureAwait(false);
            return;
        }
        await foreach (var image in ListEngineAsync(pattern, cancel).ConfigureAwait(false))
            await WriteAsync(image.Reference).ConfigureAwait(false);
    }

    private bool IsOfStore(ReferencePattern pattern) => Remote || pattern.Place is { IsFile: true };

    private async IAsyncEnumerable<ArchImage> ListEngineAsync(
        ReferencePattern pattern, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var engine = await Building.Engine.OpenAsync(cancel).ConfigureAwait(false);
        await foreach (var image in engine.ListAsync(pattern, cancel).ConfigureAwait(false))
            yield return image;
    }
}
