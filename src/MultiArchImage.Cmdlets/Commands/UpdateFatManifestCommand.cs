using System.Collections;
using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.FatManifests.Updating;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>
/// Adds, replaces and removes entries of a fat manifest, and annotates it. Any number of jobs may do so at the same time, and no entry is lost.
/// </summary>
[Cmdlet(VerbsData.Update, "FatManifest", SupportsShouldProcess = true, DefaultParameterSetName = "Image"), OutputType(typeof(FatManifest))]
public sealed class UpdateFatManifestCommand : RegistryCmdlet
{
    private readonly List<JoinSource> _images = [];
    private PipelineFailures? _upstream;
    private ImageReference? _name;
    private TagTemplate? _template;

    /// <summary>
    /// The name of the fat manifest, with its tag. Where it holds nothing, a fat manifest is made. With -FromTemplate it may be left out: it is
    /// then the template's name without the architecture.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Image")]
    [Parameter(Position = 0, ParameterSetName = "Template")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string? Reference { get; set; }

    /// <summary>Images that take the place of the entries of their platforms, and of those entries' attestations.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ParameterSetName = "Image")]
    [ImageInput]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public ArchImage[] Image { get; set; } = [];

    /// <summary>
    /// The images' names with {arch} for the architecture: what these tags hold becomes the whole of the fat manifest, also where one of them
    /// moves meanwhile. Every job may end with this command; whichever is last writes the truth.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "Template")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string? FromTemplate { get; set; }

    /// <summary>
    /// The platforms whose names are looked at; without it, all that have a tag. Tags of one repository can be listed: where {arch} is in the
    /// repository's name, this must be given.
    /// </summary>
    [Parameter(ParameterSetName = "Template")]
    [PlatformInput]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] Platform { get; set; } = [];

    /// <summary>Platforms whose entries go, with their attestations.</summary>
    [Parameter(ParameterSetName = "Image")]
    [PlatformInput]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] Remove { get; set; } = [];

    /// <summary>Annotations that are set beside those that it has; it is then an OCI index.</summary>
    [Parameter]
    public Hashtable? Annotation { get; set; }

    /// <summary>The digest that the name must hold for anything to be changed.</summary>
    [Parameter]
    [DigestInput]
    public string? IfDigest { get; set; }

    /// <summary>Look at the programs of the images too: what one runs first must be made for its platform. Layers are downloaded as far as that takes.</summary>
    [Parameter]
    public SwitchParameter Deep { get; set; }

    private protected override bool WillPush => true;

    private protected override void Begin()
    {
        _upstream = PipelineFailures.Watch(this);
        _template = FromTemplate is null ? null : TagTemplate.Parse(FromTemplate).MapPath(ResolvePath);
        _name = Reference is null ? _template!.ShortName : Locate(Reference);
    }

    private protected override void Accept() =>
        _images.AddRange(Image.Select(image => JoinSource.Of(image with { Reference = Locate(image.Reference).ToString() })));

    private protected override async Task EndAsync(CancellationToken cancel)
    {
        _upstream!.ThrowIfAny([.. _images.Select(image => $"{image.Name}")]);
        var updater = new FatManifestUpdater(Stores, Sink, ThrottleLimit);
        var plan = await updater.PlanAsync(Request(), cancel).ConfigureAwait(false);
        var go = plan.IsNoOp || await ShouldProcessAsync(AsksForPlan ? plan.Detail : plan.Description).ConfigureAwait(false);
        await WriteAsync(go
            ? await TimedAsync(() => updater.ApplyAsync(plan, cancel), done => $"{done.Status} {done}, {string.Join(", ", done.Platforms)}").ConfigureAwait(false)
            : plan.ToPlanned()).ConfigureAwait(false);
    }

    private UpdateRequest Request() => new(_name!)
    {
        Images = _images,
        Template = _template,
        Platforms = [.. Platform.Select(Oci.Model.Platform.Parse)],
        Removed = [.. Remove.Select(Oci.Model.Platform.Parse)],
        Annotations = Annotation.ToStrings(),
        Deep = Deep,
        IfDigest = IfDigest is null ? null : Digest.Parse(IfDigest),
    };
}
