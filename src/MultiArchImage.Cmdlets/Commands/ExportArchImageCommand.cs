using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Handoff;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Writes images to a JSON file, for the next job or another node, and hands them on.</summary>
[Cmdlet(VerbsData.Export, "ArchImage", SupportsShouldProcess = true), OutputType(typeof(ArchImage))]
public sealed class ExportArchImageCommand : AsyncCmdlet
{
    private readonly List<ArchImage> _images = [];
    private PipelineFailures? _upstream;
    private string _path = "";

    /// <summary>The file. It appears whole; one that is there is replaced.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The images: objects of another command.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [ImageInput]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public ArchImage[] Image { get; set; } = [];

    /// <summary>Refuse to replace a file that is there.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Write what came although an image before failed.</summary>
    [Parameter]
    public SwitchParameter IgnoreMissing { get; set; }

    private protected override void Begin() => _upstream = PipelineFailures.Watch(this);

    private protected override void Accept()
    {
        _path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        foreach (var image in Image)
        {
            if (image is { Location: "Engine", Digest: null })
                WriteWarning($"{image} is only in this machine's engine, where no other node can take it from; publish it first");
            _images.Add(image with { Reference = $"{ImageReference.Parse(image.Reference).MapPath(SessionState.Path.GetUnresolvedProviderPathFromPSPath)}" });
        }
    }

    private protected override async Task EndAsync(CancellationToken cancel)
    {
        if (!IgnoreMissing)
            _upstream!.ThrowIfAny([.. _images.Select(image => image.Reference)]);
        if (_images.Count > 0 && await ShouldProcessAsync($"Write {_images.Count} image{(_images.Count == 1 ? "" : "s")} to {_path}").ConfigureAwait(false))
            await new ImageFile(_path) { NoClobber = NoClobber }.WriteAsync(_images, cancel).ConfigureAwait(false);
        foreach (var image in _images)
            await WriteAsync(image).ConfigureAwait(false);
    }
}
