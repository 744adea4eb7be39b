using System.Collections;
using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Joins images into a fat manifest under the name without the architecture, and pushes it, last and whole.</summary>
[Cmdlet(VerbsCommon.New, "FatManifest", SupportsShouldProcess = true, DefaultParameterSetName = "Image")]
[OutputType(typeof(FatManifest))]
public sealed class NewFatManifestCommand : RegistryCmdlet
{
    private readonly List<JoinSource> _sources = [];
    private PipelineFailures? _upstream;
    private ImageReference? _name;
    private TagTemplate? _template;

    /// <summary>The images: objects of another command, names, or objects made of JSON.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Image")]
    [ImageInput]
    [ValidateNotNullOrEmpty]
    public ArchImage[] Image { get; set; } = [];

    /// <summary>The images' names with {arch} for the architecture: those of -Platform, of -RequirePlatform, or all that are there.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Template")]
    [ValidateNotNullOrEmpty]
    public string FromTemplate { get; set; } = "";

    /// <summary>The platforms to look for with -FromTemplate.</summary>
    [Parameter(ParameterSetName = "Template")]
    [PlatformInput]
    public string[] Platform { get; set; } = [];

    /// <summary>With -FromTemplate: leave out, with a warning, what is not there. From a pipeline: join what came although an image before failed.</summary>
    [Parameter]
    public SwitchParameter IgnoreMissing { get; set; }

    /// <summary>The name of the fat manifest; without it, the images' common name without the architecture.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Tags of the fat manifest: in place of the derived one, or beside that of -Name.</summary>
    [Parameter]
    public string[] Tag { get; set; } = [];

    /// <summary>Platforms without which nothing is pushed.</summary>
    [Parameter]
    [PlatformInput]
    public string[] RequirePlatform { get; set; } = [];

    /// <summary>The kind of document: a Docker manifest list, an OCI index, or what fits the images.</summary>
    [Parameter]
    public FatManifestFormat Format { get; set; }

    /// <summary>Annotations of the fat manifest; it is then an OCI index.</summary>
    [Parameter]
    public Hashtable? Annotation { get; set; }

    /// <summary>Of two images for one platform, take the last.</summary>
    [Parameter]
    public SwitchParameter Replace { get; set; }

    /// <summary>Push without looking at what the name holds now.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool WillPush => true;

    /// <inheritdoc/>
    protected override void BeginProcessing() => _upstream = PipelineFailures.Watch(this);

    private protected override void Accept()
    {
        _name = Name is null ? null : Locate(Name);
        if (ParameterSetName == "Template")
            _template = TagTemplate.Parse(FromTemplate).MapPath(ResolvePath);
        else
            _sources.AddRange(Image.Select(image => JoinSource.Of(image with { Reference = Locate(image.Reference).ToString() })));
    }

    private protected override async Task EndAsync(CancellationToken cancel)
    {
        if (!IgnoreMissing)
            _upstream!.ThrowIfAny([.. _sources.Select(source => $"{source.Name}")]);
        var planner = new FatManifestPlanner(Stores, Sink);
        if (ParameterSetName == "Template")
            _sources.AddRange(await planner.FindAsync(_template!, [.. Platforms(Platform.Length > 0 ? Platform : RequirePlatform)], cancel).ConfigureAwait(false));
        var plans = await planner.PlanAsync(_sources, Request(), cancel).ConfigureAwait(false);
        await EachResultAsync(plans, PublishAsync).ConfigureAwait(false);
    }

    private async Task PublishAsync(PlannedFatManifest planned, CancellationToken cancel)
    {
        var plan = planned.Plan ?? throw planned.Failure!;
        var go = plan.TagsToPush.Count == 0
            || await ShouldProcessAsync(plan.Description).ConfigureAwait(false);
        await WriteAsync(go
            ? await new FatManifestPublisher(Sink, ThrottleLimit).PublishAsync(plan, cancel).ConfigureAwait(false)
            : plan.ToFatManifest("Planned")).ConfigureAwait(false);
    }

    private static IEnumerable<Platform> Platforms(string[] texts) => texts.Select(Oci.Model.Platform.Parse);

    private JoinRequest Request() => new()
    {
        Name = _name ?? _template?.ShortName,
        Tags = Tag,
        RequiredPlatforms = [.. Platforms(RequirePlatform)],
        Format = Format,
        Annotations = Annotation.ToStrings(),
        Replace = Replace,
        Force = Force,
        IgnoreMissing = IgnoreMissing,
    };
}
