using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Transfer.Copying;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>
/// Copies images and fat manifests, whole and by digest, between registries, layouts and archives, or to further tags; with -Previous, puts back what a
/// fat manifest took the place of.
/// </summary>
[Cmdlet(VerbsCommon.Copy, "ArchImage", SupportsShouldProcess = true, DefaultParameterSetName = "Copy")]
[OutputType(typeof(FatManifest), typeof(ArchImage))]
public sealed class CopyArchImageCommand : RegistryCmdlet
{
    // Each brings many blobs at a time itself.
    private const int CopiesAtOnce = 4;

    private CopyPlanner? _planner;
    private ImageCopier? _copier;

    /// <summary>What to copy: names (with wildcards in the tag), objects of another command, which are copied by their digest.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Copy")]
    [ImageInput]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public ArchImage[] Reference { get; set; } = [];

    /// <summary>Where to: repositories, layouts (oci:PATH) or archives, where the tag is kept, or whole names. Several get it all or none.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Copy")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string[] Destination { get; set; } = [];

    /// <summary>A fat manifest that took the place of another, which is put back under its name.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Previous")]
    [FatManifestInput]
    [ValidateNotNull]
    public FatManifest InputObject { get; set; } = null!;

    /// <summary>Put back what the name of the fat manifest held before; an error where it holds something else by now, unless -Force.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Previous")]
    public SwitchParameter Previous { get; set; }

    /// <summary>Take only these platforms out of a fat manifest, with their attestations; what comes of it is a fat manifest with a digest of its own.</summary>
    [Parameter(ParameterSetName = "Copy")]
    [PlatformInput]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] Platform { get; set; } = [];

    /// <summary>Bring along what refers to the images: signatures, SBOMs, attestations.</summary>
    [Parameter(ParameterSetName = "Copy")]
    public SwitchParameter IncludeReferrers { get; set; }

    /// <summary>Leave a tag alone that holds something else: an error. One that holds the same already is no change.</summary>
    [Parameter(ParameterSetName = "Copy")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Move the tags without looking at what they hold.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override int Concurrency => Math.Min(CopiesAtOnce, ThrottleLimit);

    private protected override bool WillPush => true;

    private protected override void Begin() => (_planner, _copier) = (new CopyPlanner(Stores, Sink), new ImageCopier(Sink, ThrottleLimit));

    private protected override void Accept()
    {
        if (Previous)
            Start(InputObject, Undo, CopyAsync);
        else
        {
            foreach (var image in Reference)
                Start(image, () => Prepare(image), CopyAllAsync);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _copier?.Dispose();
        base.Dispose(disposing);
    }

    private (ReferencePattern Source, CopyRequest? Named, List<ImageReference> Destinations) Prepare(ArchImage image)
    {
        var (source, destinations) = (Source(image), Destination.Select(Locate).ToList());
        var named = CopySources.Named(source, destinations) is { } name ? Request(name, destinations) : null;
        if (named is not null)
            _planner!.Claim(named);
        return (source, named, destinations);
    }

    // An object is copied by the digest that it has, never by what its tag means by now.
    private ReferencePattern Source(ArchImage image) => Digest.TryParse(image.Digest, out var digest)
        ? LocatePattern($"{Locate(image.Reference).WithDigest(digest)}")
        : LocatePattern(image.Reference);

    private CopyRequest Undo()
    {
        var name = Locate(InputObject.Reference).OrLatest();
        return InputObject.PreviousDigest is { } previous
            ? new CopyRequest(name.Place.WithDigest(Digest.Parse(previous)), [name]) { Expected = Force ? null : Digest.Parse(InputObject.Digest), Force = Force }
            : throw new NothingToPutBackException($"{name}") { Subject = $"{name}" };
    }

    private async Task CopyAllAsync((ReferencePattern Source, CopyRequest? Named, List<ImageReference> Destinations) what, CancellationToken cancel)
    {
        if (what.Named is not null)
        {
            await CopyAsync(what.Named, cancel).ConfigureAwait(false);
            return;
        }
        var requests = new List<CopyRequest>();
        await foreach (var name in new CopySources(Stores, Sink).FindAsync(what.Source, cancel).ConfigureAwait(false))
            requests.Add(Request(name, what.Destinations));
        requests.ForEach(_planner!.Claim);
        await EachAsync(requests, Concurrency, CopyAsync).ConfigureAwait(false);
    }

    private CopyRequest Request(ImageReference source, IReadOnlyList<ImageReference> destinations) => new(source, destinations)
    {
        Platforms = [.. Platform.Select(Oci.Model.Platform.Parse)],
        IncludesReferrers = IncludeReferrers,
        NoClobber = NoClobber,
        Force = Force,
    };

    private async Task CopyAsync(CopyRequest request, CancellationToken cancel)
    {
        var plan = await _planner!.PlanAsync(request, cancel).ConfigureAwait(false);
        var words = new CopyDescription(plan);
        var go = plan.IsNoOp
            || await ShouldProcessAsync(AsksForPlan ? await words.InFullAsync(cancel).ConfigureAwait(false) : words.Sentence).ConfigureAwait(false);
        if (go)
            await TimedAsync(() => _copier!.CopyAsync(plan, cancel), $"Copied {request.Source} to {string.Join(", ", request.Destinations)}").ConfigureAwait(false);
        foreach (var copied in await CopyResults.OfAsync(plan, go, cancel).ConfigureAwait(false))
            await WriteAsync(copied).ConfigureAwait(false);
    }
}
