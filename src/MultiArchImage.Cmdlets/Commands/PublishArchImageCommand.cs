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

    /// <summary>The images: objects of another command, or names (of the engine, oci:PATH:TAG, docker-archive:FILE).</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ImageInput]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public ArchImage[] Image { get; set; } = [];

    /// <summary>Where to: a repository, layout (oci:PATH) or archive (oci-archive:FILE, docker-archive:FILE); tags are kept. Without it, the images' own names.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string? Destination { get; set; }

    private protected override int Concurrency => Math.Min(ImagesAtOnce, ThrottleLimit);

    private protected override bool WillPush => true;

    private protected override void Begin() => _destination = Destination is null ? null : Locate(Destination);

    private protected override void Accept()
    {
        foreach (var image in Image)
            Start(image, () => image with { Reference = Locate(image.Reference).ToString() }, PublishAsync);
    }

    private async Task PublishAsync(ArchImage image, CancellationToken cancel)
    {
        var target = await Building.Publisher.TargetAsync(image, _destination, cancel).ConfigureAwait(false);
        if (!await ShouldProcessAsync($"Publish {image} to {target}").ConfigureAwait(false))
            return;
        var published = await TimedAsync(
            () => Building.Publisher.PublishAsync(image, target, cancel), done => $"Published {done} for {done.Platform}, {ByteSize.Format(done.Size)}").ConfigureAwait(false);
        await WriteAsync(published).ConfigureAwait(false);
    }
}
