using System.Collections;
using System.Management.Automation;
using MultiArchImage.Building;

using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Builds an image per platform from one context, with the architecture in its tag; with -Output oci:PATH, without an engine.</summary>
[Cmdlet(VerbsCommon.New, "ArchImage", SupportsShouldProcess = true, DefaultParameterSetName = "Engine")]
[OutputType(typeof(ArchImage)), Alias("Build-ArchImage")]
public sealed class NewArchImageCommand : EngineCmdlet
{
    // The engine shares its processors among builds; more at a time only need more memory.
    private const int BuildsAtOnce = 4;

    /// <summary>The build context: a folder, or a Git URL (https://host/repository.git#branch:folder).</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath", "LiteralPath", "Context")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = ".";

    /// <summary>The repository of the images: akraino/validation. With -Output, the one that they are meant for.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Engine")]
    [Parameter(Position = 1, ParameterSetName = "Output")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string? Repository { get; set; }

    /// <summary>The tag, with {arch} where the architecture goes; without it, before the tag's last part.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TagTextCompleter))]
    public string Tag { get; set; } = ImageReference.DefaultTag;

    /// <summary>The platforms, one image each: linux/amd64, linux/arm64. Without it, this machine's.</summary>
    [Parameter]
    [PlatformInput]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] Platform { get; set; } = [$"{Oci.Model.Platform.Local}"];

    /// <summary>The platform whose image has the name without the architecture, where {arch} is in -Repository: svc:1.0 beside svc-arm64:1.0.</summary>
    [Parameter]
    [PlatformInput]
    [ValidateCount(1, 1)]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[]? UnmarkedPlatform { get; set; }

    /// <summary>
    /// The Dockerfile, relative to the context; with {arch} in its name, or a hashtable by platform, one for each:
    /// @{ 'linux/amd64' = 'Dockerfile'; 'linux/arm64' = 'Dockerfile-arm64' }.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object Dockerfile { get; set; } = "Dockerfile";

    /// <summary>Values of ARG: @{ VERSION = '1.0' }.</summary>
    [Parameter]
    public Hashtable? BuildArg { get; set; }

    /// <summary>Labels: @{ 'org.opencontainers.image.version' = '1.0' }.</summary>
    [Parameter]
    public Hashtable? Label { get; set; }

    /// <summary>The stage to build; without it, the last.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Target { get; set; }

    /// <summary>Run every step anew.</summary>
    [Parameter]
    public SwitchParameter NoCache { get; set; }

    /// <summary>Ask for base images anew.</summary>
    [Parameter]
    public SwitchParameter Pull { get; set; }

    /// <summary>A layout, oci:PATH, to build into without an engine; the Dockerfile then must have no RUN.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Output")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LayoutCompleter))]
    public string? Output { get; set; }

    private protected override void Accept() => Start(Path, Prepare, BuildAllAsync);

    private Work Prepare()
    {
        var names = TagTemplate.For(Repository ?? Locate(Output!).Place.ToString(), Tag)
            .WithUnmarked(UnmarkedPlatform is [var unmarked] ? Oci.Model.Platform.Parse(unmarked) : null);
        var dockerfiles = Dockerfiles();
        var requests = Platform.Select(Oci.Model.Platform.Parse).Distinct().Select(platform => Request(platform, names, dockerfiles)).ToList();
        BuildRequest.RequireNamesOfTheirOwn(requests, isLayout: Output is not null);
        return new Work(IsUrl(Path) ? Path : ResolvePath(Path), Output is null ? null : Locate(Output), requests);
    }

    private DockerfileChoice Dockerfiles() => (Dockerfile is PSObject wrapped ? wrapped.BaseObject : Dockerfile) is IDictionary map
        ? new DockerfileChoice([.. map.ToStrings().Select(pair => (Maps.ToPlatform(pair.Key), pair.Value))])
        : new DockerfileChoice($"{Dockerfile}");

    private BuildRequest Request(Platform platform, TagTemplate names, DockerfileChoice dockerfiles) => new()
    {
        Reference = names.For(platform),
        Platform = platform,
        Dockerfile = dockerfiles.For(platform),
        BuildArguments = BuildArg.ToStrings(),
        Labels = Label.ToStrings(),
        Target = Target,
        NoCache = NoCache,
        Pull = Pull,
    };

    private async Task BuildAllAsync(Work work, CancellationToken cancel)
    {
        using var context = await BuildContext.OpenAsync(work.Folder, Sink, cancel).ConfigureAwait(false);
        await EachAsync(work.Requests, Math.Min(BuildsAtOnce, ThrottleLimit), (request, token) => BuildAsync(request, work.Output, context, token))
            .ConfigureAwait(false);
    }

    private async Task BuildAsync(BuildRequest request, ImageReference? output, BuildContext context, CancellationToken cancel)
    {
        var sentence = $"Build {request.Reference} for {request.Platform}{(output is null ? "" : $" in {output.Place}")}";
        if (!await ShouldProcessAsync(sentence).ConfigureAwait(false))
            return;
        var built = await TimedAsync(
            () => output is null ? BuildInEngineAsync(request, context, cancel) : Building.Daemonless.BuildAsync(request, context, Stores.Open(output, Intended(request)), cancel),
            done => $"Built {done} for {done.Platform}, {ByteSize.Format(done.Size)}").ConfigureAwait(false);
        await WriteAsync(built).ConfigureAwait(false);
    }

    private async Task<ArchImage> BuildInEngineAsync(BuildRequest request, BuildContext context, CancellationToken cancel)
    {
        var engine = await Building.Engine.OpenAsync(cancel).ConfigureAwait(false);
        return await engine.BuildAsync(request, context, cancel).ConfigureAwait(false);
    }

    private static ImageReference? Intended(BuildRequest request) => request.Reference.IsFile ? null : request.Reference.Place;

    private static bool IsUrl(string path) => path.Contains("://", StringComparison.Ordinal) || path.StartsWith("git@", StringComparison.Ordinal);

    private sealed record Work(string Folder, ImageReference? Output, IReadOnlyList<BuildRequest> Requests);
}
