using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Pushes images to a registry, or copies them from or to a layout or archive, several at a time. What comes out knows its digest.</summary>
[Cmdlet(VerbsData.Publish, "ArchImage", SupportsShouldProcess = true), OutputType(typeof(ArchImage)), Alias("Push-ArchImage")]
public sealed class PublishArchImageCommand : EngineCmdlet
{
    // Of pushes, not of requests: an engine gains nothing from more, and its log becomes unreadable.
    private const int ImagesAtOnce = 4;

    private ImageReference? _destination;
    private TagTemplate? _template;

    /// <summary>The images: objects of another command, or names (of the engine, oci:PATH:TAG, docker-archive:FILE).</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ImageInput]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public ArchImage[] Image { get; set; } = [];

    /// <summary>
    /// Where to: a repository, also with {arch} in its name, a layout (oci:PATH) or archive (oci-archive:FILE, docker-archive:FILE); tags are kept.
    /// Without it, the images' own names.
    /// </summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string? Destination { get; set; }

    /// <summary>The platform whose images go to the repository without the architecture, where {arch} is in -Destination: svc beside svc-arm64.</summary>
    [Parameter]
    [PlatformInput]
    [ValidateCount(1, 1)]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[]? UnmarkedPlatform { get; set; }

    private protected override int Concurrency => Math.Min(ImagesAtOnce, ThrottleLimit);

    private protected override bool WillPush => true;

    private protected override void Begin()
    {
        if (Destination?.Contains(TagTemplate.Mark, StringComparison.Ordinal) == true)
            _template = TagTemplate.Parse(Destination).MapPath(ResolvePath).WithUnmarked(UnmarkedPlatform is [var only] ? Platform.Parse(only) : null);
        else
            _destination = Destination is null ? null : Locate(Destination);
    }

    private protected override void Accept()
    {
        foreach (var image in Image)
            Start(image, () => image with { Reference = Locate(image.Reference).ToString() }, PublishAsync);
    }

    private async Task PublishAsync(ArchImage image, CancellationToken cancel)
    {
        var target = await Building.Publisher.TargetAsync(image, _template is null ? _destination : Repository(_template, image), cancel).ConfigureAwait(false);
        if (!await ShouldProcessAsync($"Publish {image} to {target}").ConfigureAwait(false))
            return;
        var published = await TimedAsync(
            () => Building.Publisher.PublishAsync(image, target, cancel), done => $"Published {done} for {done.Platform}, {ByteSize.Format(done.Size)}").ConfigureAwait(false);
        await WriteAsync(published).ConfigureAwait(false);
    }

    private static ImageReference Repository(TagTemplate template, ArchImage image)
    {
        if (!Platform.TryParse(image.Platform, out var platform))
            throw new InvalidReferenceException($"{template}", $"the architecture of {image} is not known", "pipe the images from Get-ArchImage");
        var name = template.For(platform);
        return name.Tag is null || template.IsUnmarked(platform)
            ? name.Place
            : throw new InvalidReferenceException($"{template}", "it has a tag", "give the repository alone, so that each image keeps its tag");
    }
}
