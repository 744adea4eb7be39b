using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Joins images into a fat manifest under the name without the architecture, and pushes it, last and whole.</summary>
[Cmdlet(VerbsCommon.New, "FatManifest", SupportsShouldProcess = true, DefaultParameterSetName = "Image")]
[OutputType(typeof(FatManifest))]
public sealed partial class NewFatManifestCommand : RegistryCmdlet
{
    private readonly List<JoinSource> _sources = [];
    private readonly List<ReferencePattern> _patterns = [];
    private PipelineFailures? _upstream;
    private List<ImageReference> _names = [];
    private TagTemplate? _template;
    private JoinRequest? _request;

    /// <summary>The images: objects of another command, names (with wildcards in the tag, which pass fat manifests over), or objects made of JSON.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Image")]
    [ImageInput]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public ArchImage[] Image { get; set; } = [];

    /// <summary>The images' names with {arch} for the architecture: those of -Platform, of -RequirePlatform, or all that are there.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Template")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string FromTemplate { get; set; } = "";

    /// <summary>With -FromTemplate, the platforms to look for; with -Image, those that are taken out of images that are fat manifests themselves.</summary>
    [Parameter]
    [PlatformInput]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] Platform { get; set; } = [];

    /// <summary>Wait until the images for these platforms are there, which other jobs publish.</summary>
    [Parameter(ParameterSetName = "Template")]
    [PlatformInput]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] WaitFor { get; set; } = [];

    /// <summary>How long to wait, as 00:30:00.</summary>
    [Parameter(ParameterSetName = "Template")]
    [Alias("Timeout")]
    public TimeSpan WaitTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Leave out, with a warning: with -FromTemplate what is not there; from a pipeline what failed in it before.</summary>
    [Parameter]
    public SwitchParameter IgnoreMissing { get; set; }

    /// <summary>
    /// The name of the fat manifest; without it, the images' common name without the architecture. Several names, also in several registries, get it
    /// all or none.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string[] Name { get; set; } = [];

    private protected override bool WillPush => true;

    private protected override void Begin()
    {
        _upstream = PipelineFailures.Watch(this);
        _names = [.. Name.Select(Locate).Distinct()];
        if (FromTemplate.Length > 0)
            _template = TagTemplate.Parse(FromTemplate).MapPath(ResolvePath).WithUnmarked(Unmarked);
        _request = Request();
    }

    private protected override void Accept() => Array.ForEach(Image, Accept);

    private void Accept(ArchImage image)
    {
        var pattern = LocatePattern(image.Reference);
        if (pattern.ExactOrLatest is null)
            _patterns.Add(pattern);
        else
            _sources.Add(JoinSource.Of(image with { Reference = $"{Locate(image.Reference)}" }));
    }

    private protected override async Task EndAsync(CancellationToken cancel)
    {
        List<string> arrived = [.. _sources.Select(source => $"{source.Name}")];
        if (IgnoreMissing)
            WarnOf(_upstream!.Missing(arrived));
        else
            _upstream!.ThrowIfAny(arrived);
        var planner = new FatManifestPlanner(Stores, Sink);
        if (_template is not null)
            _sources.AddRange(await FindAsync(_template, cancel).ConfigureAwait(false));
        foreach (var pattern in _patterns)
        {
            await foreach (var image in new ImageListing(Stores, Sink).ListAsync(pattern, cancel).ConfigureAwait(false))
                _sources.Add(JoinSource.Of(image));
        }
        var plans = await planner.PlanAsync(_sources, _request!, cancel).ConfigureAwait(false);
        if (_names.Count > 1)
            await PublishTogetherAsync(plans, cancel).ConfigureAwait(false);
        else
            await EachResultAsync(plans, PublishAsync).ConfigureAwait(false);
    }

    private void WarnOf(IReadOnlyList<string> missing)
    {
        foreach (var name in missing)
            Sink.Warning($"{name} failed earlier in this pipeline and is left out");
    }

    private async Task PublishAsync(PlannedFatManifest planned, CancellationToken cancel)
    {
        var plan = planned.Plan ?? throw planned.Failure!;
        await WriteAsync(await IsWantedAsync(plan, cancel).ConfigureAwait(false)
            ? await TimedAsync(() => new FatManifestPublisher(Sink, ThrottleLimit).PublishAsync(plan, cancel), Told).ConfigureAwait(false)
            : plan.ToFatManifest("Planned")).ConfigureAwait(false);
    }

    // What is under several names is there under all of those that the user said yes to, or under none.
    private async Task PublishTogetherAsync(IReadOnlyList<PlannedFatManifest> planned, CancellationToken cancel)
    {
        var (wanted, left) = (new List<FatManifestPlan>(), new List<FatManifestPlan>());
        foreach (var plan in planned.Select(one => one.Plan ?? throw one.Failure!).ToList())
            (await IsWantedAsync(plan, cancel).ConfigureAwait(false) ? wanted : left).Add(plan);
        var published = await TimedAsync(
            () => new FatManifestPublisher(Sink, ThrottleLimit).PublishAsync(wanted, cancel), done => string.Join("; ", done.Select(Told))).ConfigureAwait(false);
        foreach (var manifest in published.Concat(left.Select(plan => plan.ToFatManifest("Planned"))))
            await WriteAsync(manifest).ConfigureAwait(false);
    }

    private static string Told(FatManifest manifest) => $"{manifest.Status} {manifest}, {string.Join(", ", manifest.Platforms)}";

    private async Task<bool> IsWantedAsync(FatManifestPlan plan, CancellationToken cancel)
    {
        var words = new PlanDescription(plan);
        return plan.TagsToPush.Count == 0
            || await ShouldProcessAsync(AsksForPlan ? await words.InFullAsync(cancel).ConfigureAwait(false) : words.Sentence).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<JoinSource>> FindAsync(TagTemplate template, CancellationToken cancel)
    {
        await new TemplateWait(Stores, Sink).WaitAsync(template, Platforms(WaitFor), WaitTimeout, cancel).ConfigureAwait(false);
        return await new TemplateImages(Stores).FindAsync(template, Platforms(Platform.Length > 0 ? Platform : RequirePlatform), cancel).ConfigureAwait(false);
    }
}
