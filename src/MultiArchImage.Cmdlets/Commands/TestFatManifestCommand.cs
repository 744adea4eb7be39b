using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.FatManifests.Verification;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>
/// Whether fat manifests are whole and true: every entry is there, is what its digest, size and platform say, and no platform is there twice.
/// True or false for each name, or with -Detailed what was found.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "FatManifest"), OutputType(typeof(bool), typeof(FatManifestFinding))]
public sealed class TestFatManifestCommand : RegistryCmdlet
{
    /// <summary>Names, with a tag or digest. One that is not there is false, not an error.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ReferenceInput]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string[] Reference { get; set; } = [];

    /// <summary>Platforms that must be there: linux/arm64 is linux/arm64/v8; linux/arm/v6 and v7 differ; Windows by its build.</summary>
    [Parameter]
    [PlatformInput]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] RequirePlatform { get; set; } = [];

    /// <summary>What all images must have the same of: Revision, Version, or the name of a label.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public string[] RequireSame { get; set; } = [];

    /// <summary>How old an image may be, by the time in its config: 7.00:00:00 is a week.</summary>
    [Parameter]
    public TimeSpan? MaximumAge { get; set; }

    /// <summary>How many bytes an image may have, as pulled: 200MB.</summary>
    [Parameter, ValidateRange(0L, long.MaxValue)]
    public long? MaximumSize { get; set; }

    /// <summary>The images' own tags, k8s-{arch}-latest: each must hold what the entry is. Without {arch} it goes before the last part.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string? Template { get; set; }

    /// <summary>
    /// Look for every layer too, for images of two platforms that have the same layers, and for programs: what an image runs first must be made
    /// for its platform. Layers are downloaded as far as that takes.
    /// </summary>
    [Parameter]
    public SwitchParameter Deep { get; set; }

    /// <summary>Write what was found, instead of true and false; nothing where all is well.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override void Accept()
    {
        var verifier = new FatManifestVerifier(Stores, Request(), TimeProvider.System);
        foreach (var reference in Reference)
            Start(reference, () => Locate(reference).OrLatest(), (located, cancel) => TestAsync(verifier, located, cancel));
    }

    private async Task TestAsync(FatManifestVerifier verifier, ImageReference reference, CancellationToken cancel)
    {
        var findings = await verifier.VerifyAsync(reference, cancel).ConfigureAwait(false);
        if (!Detailed)
            await WriteAsync(FatManifestVerifier.Passes(findings)).ConfigureAwait(false);
        foreach (var finding in Detailed ? findings : [])
            await WriteAsync(finding).ConfigureAwait(false);
    }

    private VerificationRequest Request() => new()
    {
        RequiredPlatforms = [.. RequirePlatform.Select(Oci.Model.Platform.Parse)],
        SameLabels = RequireSame,
        MaximumAge = MaximumAge,
        MaximumSize = MaximumSize,
        // A template with a place in it may have a path; a tag alone has none.
        Template = Template?.Contains(':') == true ? $"{TagTemplate.Parse(Template).MapPath(ResolvePath)}" : Template,
        Deep = Deep,
    };
}
