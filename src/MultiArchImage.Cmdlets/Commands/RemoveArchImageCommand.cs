using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Removal;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>
/// Removes a tag and only it, or a digest that nothing needs: from the engine, from a registry with -Remote, or from a layout (oci:PATH). An object
/// is removed from where it says that it is.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "ArchImage", SupportsShouldProcess = true)]
public sealed class RemoveArchImageCommand : EngineCmdlet
{
    private readonly Lazy<RemovalPlanner> _planner;

    /// <summary>What plans is made with what speaks to registries.</summary>
    public RemoveArchImageCommand() => _planner = new(() => new RemovalPlanner(Stores, Sink));

    /// <summary>Names with tag or digest; a tag may have wildcards, and a name without one means latest.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ReferenceInput]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string[] Reference { get; set; } = [];

    /// <summary>Where an object is; of a name, -Remote says it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string Location { get; set; } = "";

    /// <summary>Remove from the registry, not from the engine.</summary>
    [Parameter]
    public SwitchParameter Remote { get; set; }

    /// <summary>
    /// Also remove what the tag holds, with the images and attestations of a fat manifest, but for what another tag needs. In a layout the files that
    /// nothing refers to any more go as well: not while another process writes to it.
    /// </summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Remove a digest although tags or fat manifests need it; in the engine, a name although a stopped container uses the image.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool WillPush => true;

    private protected override void Accept()
    {
        foreach (var reference in Reference)
            Start(reference, () => (LocatePattern(reference), Remote || Location is "Registry" or "Layout" or "Archive"), RemoveAsync);
    }

    private Task RemoveAsync((ReferencePattern Pattern, bool IsStored) what, CancellationToken cancel) =>
        what.IsStored || what.Pattern.Place is { IsFile: true } ? RemoveStoredAsync(what.Pattern, cancel) : RemoveFromEngineAsync(what.Pattern, cancel);

    private async Task RemoveStoredAsync(ReferencePattern pattern, CancellationToken cancel)
    {
        var planner = _planner.Value;
        // One after the other: what one still needs, the next may free.
        await EachAsync(await planner.ExpandAsync(pattern, cancel).ConfigureAwait(false), 1, async (reference, stop) =>
        {
            var plan = await planner.PlanAsync(new RemovalRequest(reference) { Recurse = Recurse, Force = Force }, stop).ConfigureAwait(false);
            if (await ShouldProcessAsync(plan.Description).ConfigureAwait(false))
                await ImageRemover.RemoveAsync(plan, stop).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private async Task RemoveFromEngineAsync(ReferencePattern pattern, CancellationToken cancel)
    {
        var engine = await Building.Engine.OpenAsync(cancel).ConfigureAwait(false);
        var references = new List<ImageReference>();
        if (pattern.ExactOrLatest is { } exact)
            references.Add(exact);
        else
            await foreach (var image in engine.ListAsync(pattern, cancel).ConfigureAwait(false))
                references.Add(ImageReference.Parse(image.Reference));
        await EachAsync(references, 1, async (reference, stop) =>
        {
            if (await ShouldProcessAsync($"Remove {reference} from the engine").ConfigureAwait(false))
                await engine.RemoveAsync(reference, Force, stop).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }
}
