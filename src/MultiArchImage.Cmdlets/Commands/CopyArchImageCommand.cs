using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>
/// Copies images and fat manifests, byte for byte, to other tags, repositories, registries and layouts: all content first, by digest, then the tags.
/// </summary>
[Cmdlet(VerbsCommon.Copy, "ArchImage", SupportsShouldProcess = true, DefaultParameterSetName = "Copy")]
[OutputType(typeof(FatManifest), typeof(ArchImage))]
public sealed class CopyArchImageCommand : RegistryCmdlet
{
    // Each has its own transfers: more would only mix their logs.
    private const int ImagesAtOnce = 4;

    private CopySourceFinder? _finder;
    private CopyPlanner? _planner;
    private ImageCopier? _copier;

    /// <summary>Names, with a tag, a digest, or wildcards in the tag; objects, which are copied by their digest. A layout without a tag is all its tags.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ReferenceInput]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Reference { get; set; } = [];

    /// <summary>Where to: repositories and layouts (oci:PATH), where tags are kept, or whole names; any number of them.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = "Copy")]
    [Parameter(Position = 1, ParameterSetName = "Previous")]
    [ValidateNotNullOrEmpty]
    public string[] Destination { get; set; } = [];

    /// <summary>Put back what the name held before (PreviousDigest of the objects): under their own names, where no destination is given.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Previous")]
    public SwitchParameter Previous { get; set; }

    /// <summary>What the name held before; objects bring it along.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = "Previous")]
    [AllowNull, AllowEmptyString]
    public string? PreviousDigest { get; set; }

    /// <summary>Only these platforms of a fat manifest, with their attestations, as a valid fat manifest of its own.</summary>
    [Parameter(ParameterSetName = "Copy")]
    [PlatformInput]
    public string[] Platform { get; set; } = [];

    /// <summary>Bring along what refers to the content: signatures, SBOMs, attestations.</summary>
    [Parameter]
    public SwitchParameter IncludeReferrers { get; set; }

    /// <summary>Move no tag that holds something else: that is an error.</summary>
    [Parameter(ParameterSetName = "Copy")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Do not look at what the tags hold: a request less for each, but what was replaced is not known, and -Previous asks nothing.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override int Concurrency => Math.Min(ImagesAtOnce, ThrottleLimit);

    private protected override bool WillPush => true;

    /// <inheritdoc/>
    protected override void BeginProcessing() =>
        (_finder, _planner, _copier) = (new CopySourceFinder(Stores, Sink), new CopyPlanner(Stores, Sink), new ImageCopier(Sink, ThrottleLimit));

    private protected override void Accept()
    {
        foreach (var reference in Reference)
        {
            if (Previous)
                Start(reference, () => PlanBack(reference), CopyAsync);
            else
                Start(reference, () => PlanForward(reference), CopyAllAsync);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _copier?.Dispose();
        base.Dispose(disposing);
    }

    private (ReferencePattern, CopyRequest) PlanForward(string reference)
    {
        var (pattern, request) = (LocatePattern(reference), Request([.. Destination.Select(Locate)]));
        if (CopySourceFinder.Named(pattern) is { } named)
            _planner!.Claim(new CopySource(named), request);
        return (pattern, request);
    }

    private (CopySource, CopyRequest) PlanBack(string reference)
    {
        var name = Locate(reference).OrLatest();
        var source = CopySource.Previous(name, PreviousDigest);
        return (source, Request(Destination.Length > 0 ? [.. Destination.Select(Locate)] : [name.WithoutDigest()]));
    }

    private CopyRequest Request(IReadOnlyList<ImageReference> destinations) => new(destinations)
    {
        Platforms = [.. Platform.Select(Oci.Model.Platform.Parse)],
        NoClobber = NoClobber,
        IncludeReferrers = IncludeReferrers,
        Force = Force,
    };

    private async Task CopyAllAsync((ReferencePattern Pattern, CopyRequest Request) what, CancellationToken cancel)
    {
        var sources = new List<CopySource>();
        await foreach (var name in _finder!.FindAsync(what.Pattern, cancel).ConfigureAwait(false))
            sources.Add(new CopySource(name));
        sources.ForEach(source => _planner!.Claim(source, what.Request));
        if (sources is [var only])
            await CopyAsync((only, what.Request), cancel).ConfigureAwait(false);
        else
            await EachAsync(sources, Concurrency, (source, token) => CopyAsync((source, what.Request), token)).ConfigureAwait(false);
    }

    private async Task CopyAsync((CopySource Source, CopyRequest Request) what, CancellationToken cancel)
    {
        var plan = await _planner!.PlanAsync(what.Source, what.Request, cancel).ConfigureAwait(false);
        var go = plan.IsNoOp || await ShouldProcessAsync(plan.Description).ConfigureAwait(false);
        foreach (var result in go ? await _copier!.CopyAsync(plan, cancel).ConfigureAwait(false) : plan.ToPlanned())
            await WriteAsync(result).ConfigureAwait(false);
    }
}
