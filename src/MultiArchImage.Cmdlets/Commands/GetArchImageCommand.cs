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

    /// <summary>
    /// Names with wildcards, akraino/validation:k8s-*, or with {arch} for the architecture: k8s-{arch}-latest is what -Platform names, or every
    /// architecture's. Without it, all images of the engine.
    /// </summary>
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
        foreach (var reference in Reference.SelectMany(Expand))
            Start(reference, () => LocateNames(reference), NameOnly ? ListNamesAsync : ListAsync);
    }

    // A name with {arch} is one for each platform that is asked for.
    private IEnumerable<string> Expand(string reference) => IsTemplate(reference) && Platform.Length > 0
        ? Platform.Select(platform => $"{TagTemplate.Parse(reference).For(Oci.Model.Platform.Parse(platform))}")
        : [reference];

    private Names LocateNames(string reference)
    {
        if (!IsTemplate(reference))
            return new Names(LocatePattern(reference), null);
        var template = TagTemplate.Parse(reference).MapPath(ResolvePath);
        // Says so where the tags of one repository would not do.
        _ = Remote ? template.Place : null;
        return new Names(LocatePattern(reference.Replace(TagTemplate.Mark, "*", StringComparison.Ordinal)), template);
    }

    private static bool IsTemplate(string reference) => reference.Contains(TagTemplate.Mark, StringComparison.Ordinal);

    private async Task ListAsync(Names names, CancellationToken cancel)
    {
        var platforms = Platform.Select(Oci.Model.Platform.Parse).ToList();
        var images = IsOfStore(names.Pattern) ? new ImageListing(Stores, Sink).ListAsync(names.Pattern, cancel) : ListEngineAsync(names.Pattern, cancel);
        await foreach (var image in images.ConfigureAwait(false))
        {
            if (names.Have(image.Reference) && (platforms.Count == 0 || platforms.Exists(Oci.Model.Platform.Parse(image.Platform).IsSameMachineAs)))
                await WriteAsync(image).ConfigureAwait(false);
        }
    }

    private Task ListNamesAsync(Names names, CancellationToken cancel) => IsOfStore(names.Pattern)
        ? WriteAllAsync(new ImageListing(Stores, Sink).ListNamesAsync(names.Pattern, cancel), name => names.Only($"{name}"))
        : WriteAllAsync(ListEngineAsync(names.Pattern, cancel), image => names.Only(image.Reference));

    private bool IsOfStore(ReferencePattern pattern) => Remote || pattern.Place is { IsFile: true };

    private async IAsyncEnumerable<ArchImage> ListEngineAsync(
        ReferencePattern pattern, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var engine = await Building.Engine.OpenAsync(cancel).ConfigureAwait(false);
        await foreach (var image in engine.ListAsync(pattern, cancel).ConfigureAwait(false))
            yield return image;
    }

    /// <summary>The names that are asked for.</summary>
    private sealed record Names(ReferencePattern Pattern, TagTemplate? Template)
    {
        public string? Only(string reference) => Have(reference) ? reference : null;

        public bool Have(string reference) => Template is null || Template.IsMatch(ImageReference.Parse(reference));
    }
}
